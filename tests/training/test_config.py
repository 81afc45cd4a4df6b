"""Training configurations are closed, and wrong in all their places at once."""

from pathlib import Path

import pytest

from training import config
from vision.bundle import Bundle, carried
from vision.errors import ConfigurationError

CONFIGS = Path(__file__).parents[2] / "configs" / "train"
EMBEDDERS = [path for path in sorted(CONFIGS.glob("*.yaml")) if not path.stem.startswith(("comparator", "detector"))]
HEADER = ("purpose:", "cost:", "expected:", "command:")


@pytest.mark.parametrize("path", EMBEDDERS, ids=lambda path: path.stem)
def test_every_shipped_config_loads_and_opens_with_its_header(path: Path) -> None:
    settings = config.load(path)
    assert settings.name == path.stem
    lines = path.read_text().splitlines()[:4]
    assert all(line.startswith(f"# {word}") for line, word in zip(lines, HEADER, strict=True))


def test_the_carried_bundle_names_the_config_that_made_it() -> None:
    """Or its digest stands in the file's header, where it was made before configurations took their present form."""
    made_by = Bundle.open(carried()).spec.embedder.config_digest
    digests = {config.load(path).digest() for path in EMBEDDERS}
    assert made_by in digests or made_by in (CONFIGS / "distil.yaml").read_text()


def test_five_mistakes_are_five_lines_with_the_choices(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(
        "name: Wrong Name\n"
        "data: {procedural_brands: -1, forged_share: 2, colour: red}\n"
        "schedule: {steps: 10, warmup_steps: 1, precision: fp8}\n"
    )
    with pytest.raises(ConfigurationError) as caught:
        config.load(wrong)
    lines = str(caught.value).splitlines()
    assert "5 mistake(s)" in lines[0]
    assert [line.split(":")[0] for line in lines[1:]] == [
        "- name",
        "- data.procedural_brands",
        "- data.forged_share",
        "- data.colour",
        "- schedule.precision",
    ]
    assert "'fp32' or 'bf16'" in lines[5]
    assert "choose from procedural_brands" in lines[4]


def test_a_mistake_within_a_list_is_told_with_the_choices_there(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    teacher = "{name: t, source: example.org/t, onnx: t.onnx, layer: 3}"
    wrong.write_text(f"name: w\ndata: {{procedural_brands: 8}}\nschedule: {{steps: 1, warmup_steps: 0}}\n"
                     f"objectives: {{distil: {{teachers: [{teacher}]}}, triplet: {{}}}}\n")  # fmt: skip
    with pytest.raises(ConfigurationError) as caught:
        config.load(wrong)
    lines = str(caught.value).splitlines()[1:]
    assert "objectives.distil.teachers.0.layer: no such setting; choose from name, source, bundle" in lines[0]
    assert "objectives.triplet: no such setting; choose from supcon, forged_margin, clip" in lines[1]


def test_a_teacher_is_either_a_file_or_a_bundle() -> None:
    teacher = "{name: t, source: example.org/t, onnx: t.onnx, bundle: b}"
    with pytest.raises(ConfigurationError, match="either bundle or onnx"):
        config.load(CONFIGS / "smoke.yaml", [f"objectives={{distil: {{teachers: [{teacher}]}}}}"])


def test_objectives_that_weigh_nothing_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="name at least one"):
        config.load(CONFIGS / "smoke.yaml", ["objectives={clip: {weight: 0}}"])


def test_an_override_is_read_as_yaml() -> None:
    settings = config.load(CONFIGS / "smoke.yaml", ["schedule.steps=77", "model.vision=resnet18"])
    assert (settings.schedule.steps, settings.model.vision) == (77, "resnet18")


@pytest.mark.parametrize("override", ["schedule.speed=1", "nothing=1", "name.first=x", "steps"])
def test_an_override_of_an_unknown_key_fails(override: str) -> None:
    with pytest.raises(ConfigurationError):
        config.load(CONFIGS / "smoke.yaml", [override])


def test_settings_that_contradict_each_other_fail() -> None:
    with pytest.raises(ConfigurationError, match="warmup_steps exceeds"):
        config.load(CONFIGS / "smoke.yaml", ["schedule.warmup_steps=1000"])


@pytest.mark.parametrize("content", ["", "- a list", "name: [unclosed"])
def test_a_file_that_holds_no_settings_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "odd.yaml").write_text(content)
    with pytest.raises(ConfigurationError):
        config.load(tmp_path / "odd.yaml")


def test_the_digest_follows_what_shapes_the_result() -> None:
    def digest(*overrides: str) -> str:
        return config.load(CONFIGS / "smoke.yaml", overrides).digest()

    assert digest() == digest("data.workers=2", "runs=elsewhere")
    assert digest() != digest("seed=2")


def test_a_path_takes_its_variables_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_ARTWORK", "/somewhere")
    assert config.expand("${SOME_ARTWORK}/svg") == Path("/somewhere/svg")
    monkeypatch.delenv("SOME_ARTWORK")
    with pytest.raises(ConfigurationError, match="SOME_ARTWORK"):
        config.expand("${SOME_ARTWORK}/svg")
