"""Galleries of many references: what they find, how fast, in how much memory, and how soon a change is searched."""
