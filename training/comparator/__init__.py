"""The comparator: a small network that says how and where the designs of two aligned marks differ.

Reading order: `config`, `network`, `augmentation`, `batches`, `judge`, `export`, `train`. What it learns from is
made by `training.pairs` and `training.pair_set`.
"""
