"""What brands enrol: reference sets, the store that is the truth, and the gallery derived from it.

Imports `vision` only. Reading order: reference_set, store, knn, gallery, build.
"""
