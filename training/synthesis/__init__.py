"""Fictional brands, their forgeries, product bodies and photographs of them."""
