"""Touchstone's domain: what a photo shows, and how a mark in it differs from the genuine one.

Imports nothing else of the project. Reading order: photo, region, features, alignment, template,
divergence, scorer, calibration, verdict, inspection.
"""
