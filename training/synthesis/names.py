"""Invented names: pronounceable words that no dictionary was asked for."""

import numpy as np

_ONSETS = "b br c ch cr d dr f fl g gr h j k kl l m n p pr qu r s sh sk st t tr v w y z"
_VOWELS = "a a e e i i o o u ai au ea io ou y"
_CODAS = "- - - n r s l x nd rk lk m th"  # a dash is none


def invent(rng: np.random.Generator) -> str:
    """A word of one to three syllables, its first letter a capital."""
    syllables = int(rng.choice([1, 2, 3], p=[0.15, 0.6, 0.25]))
    word = "".join(_one_of(_ONSETS, rng) + _one_of(_VOWELS, rng) for _ in range(syllables))
    return (word + _one_of(_CODAS, rng).strip("-")).capitalize()


def _one_of(words: str, rng: np.random.Generator) -> str:
    choices = words.split()
    return choices[int(rng.integers(len(choices)))]
