"""Geometry: how a photo of a flat mark lies to another."""
