"""Measures: how an aligned mark differs from its references, each a number with a meaning."""
