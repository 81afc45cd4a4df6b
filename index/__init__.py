"""What brands enrol: reference sets, the store that is the truth, and the gallery derived from it.

Imports `vision` only. Reading order: look, reference_set, store, folder, knn, shard, manifest, gallery,
shard_maker, build.
"""
