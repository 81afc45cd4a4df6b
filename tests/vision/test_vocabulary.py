"""Captions become tokens, one a word."""

from pathlib import Path

from vision.vocabulary import END, PAD, UNKNOWN, Vocabulary

WORDS = Vocabulary.of(["a red mark", "a Blue Mark!"], context_tokens=5)


def test_words_are_lower_case_sorted_and_counted_once() -> None:
    assert WORDS.words == ("a", "blue", "mark", "red")
    assert WORDS.size == 7


def test_a_caption_ends_and_is_padded() -> None:
    assert WORDS.encode(["red mark"]).tolist() == [[6, 5, END, PAD, PAD]]


def test_a_strange_word_is_unknown() -> None:
    assert WORDS.encode(["a violet mark"])[0].tolist() == [3, UNKNOWN, 5, END, PAD]


def test_a_long_caption_is_cut_and_still_ends() -> None:
    assert WORDS.encode(["a a a a a a a"])[0].tolist() == [3, 3, 3, 3, END]


def test_it_survives_its_file(tmp_path: Path) -> None:
    WORDS.save(tmp_path / "words.json")
    assert Vocabulary.load(tmp_path / "words.json") == WORDS
