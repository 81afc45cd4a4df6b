"""The detector of marks, trained on composed scenes.

Reading order: `config`, `scene_set` (scenes composed ahead), `batches` (crops of them), `network`, `targets` (which
cell answers for which mark), `loss`, `export`, `judge`, `train`.
"""
