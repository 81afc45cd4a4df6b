"""Whether marks of brands never seen are found in listing photographs: precision and recall of proposed regions.

Reading order: `photo_set` (what is looked at), `proposer` (who proposes), `measured` (what became of it), `tables`,
`plots`, `pictures`, and `__main__`.
"""
