"""The recognition slice: how well embedders tell brands apart where the region of the mark is given, no geometry.

Reading order: `crop`, `drawing`, `emblem_set`, `wild_set` (what is looked at), `handmade`, `embedders` (who looks),
`looking`, `ranking`, `figures`, `measured`, `bars` (what became of it), `tables`, `plots`, `mistakes`, `report` (what
is shown), `__main__`.
"""
