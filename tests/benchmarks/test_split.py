"""The split by name: nothing learned from bears a name that is measured on."""

from pathlib import Path

from benchmarks.forgery.split import split_of


def test_names_of_benchmarks_are_in_neither_part_that_is_learned_from(tmp_path: Path) -> None:
    for folder, names in {"emblems": ["alvis", "Toyota"], "artwork_svg": ["alvis", "toyota-motor", *LEARNED]}.items():
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / f"{name}.png").touch()
    split = split_of(tmp_path)
    assert sorted([*split.train, *split.tune]) == sorted(LEARNED)
    assert split.train
    assert split.tune
    assert split.left_out == 2
    stated = split.as_json(["alvis", "toyota"])
    assert stated["measured_and_learned"] == stated["measured_outside_test"] == []
    assert split.as_json([LEARNED[0]])["measured_and_learned"] == [LEARNED[0]]


LEARNED = ["kestrel", "quernmore", "wyvernia", "zephyrine", "oddfellow", "larkspur"]


def test_without_artwork_only_the_test_is_named(tmp_path: Path) -> None:
    (tmp_path / "emblems").mkdir()
    assert split_of(tmp_path).train == ()
