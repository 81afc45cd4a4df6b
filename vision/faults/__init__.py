"""Faults: the names of what makes a flagged mark diverge."""
