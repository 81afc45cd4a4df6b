"""Export: from a run, a checkpoint or an open_clip architecture to a sealed bundle; one stage a file.

`request` says what is asked, `sources` finds the network, `probe` photographs fictional brands, `trial` holds files
against PyTorch on them, `variants` makes each precision and keeps what passes, `writing` seals the bundle.
"""
