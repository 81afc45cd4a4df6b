"""Whole listing scenes answered end to end: what is lost between a cropped mark and a mark in its surroundings.

Reading order: `trial` (scenes, the same cropped to their marks, a crowd of other brands), `tables`, and `__main__`.
"""
