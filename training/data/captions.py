"""Captions: what a photograph of a drawn mark shows, in a small closed vocabulary."""

from training import backdrop
from training.atlas import COLOURS, SHAPES
from vision.vocabulary import Vocabulary

_ALL = range(len(backdrop.PRODUCTS))


def vocabulary(context_tokens: int) -> Vocabulary:
    """All words that captions are made of."""
    captions = [caption(f"{colour} {shape}", product, 0) for colour in COLOURS for shape in SHAPES for product in _ALL]
    return Vocabulary.of([*captions, *map(product_prompt, backdrop.PRODUCTS)], context_tokens)


def caption(words: str, product: int, style: int) -> str:
    """What a photograph shows, said in one of three lengths."""
    place = product_prompt(backdrop.PRODUCTS[product])
    return (f"a photo of a {words} mark on {place}", f"a {words} mark", f"a photo of {place}")[style]


def product_prompt(product: str) -> str:
    """The caption part that names a product class."""
    return "something else" if product == "other" else f"a {product}"
