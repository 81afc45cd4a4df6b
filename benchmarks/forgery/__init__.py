"""The forgery benchmark: how well altered designs are told from genuine ones, beside the baselines.

Reading order: `split` and `photo_set` (what is measured on), `readings` (ours), `network`, `memory_bank`, `view`,
`banks`, `anomalib_bank`, `plain_sift`, `baselines` (the rows beside it), `clustered`, `figures`, `false_flags`,
`faults`, `curve`, `measured` (what is counted), `tables`, `plots`, `sheet`, `report` (what is shown), `__main__`.
"""
