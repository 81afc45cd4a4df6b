from pathlib import Path

import pytest

from serve.app import open_bundle
from serve.settings import Settings, load
from vision.errors import BundleInvalid, ConfigurationError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "serve.yaml"
    path.write_text("port: 9000\nalpha: 0.05\nlimits:\n  file_bytes: 5000\n")
    return path


def test_without_a_file_the_defaults_stand() -> None:
    assert load() == Settings()


def test_a_file_sets_what_it_names(written: Path) -> None:
    settings = load(written)
    assert (settings.port, settings.alpha, settings.limits.file_bytes) == (9000, 0.05, 5000)
    assert settings.limits.photos == 12


def test_the_environment_stands_over_the_file(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHSTONE_PORT", "9001")
    monkeypatch.setenv("TOUCHSTONE_LIMITS__PHOTOS", "3")
    monkeypatch.setenv("TOUCHSTONE_ADMIN_KEY", "k" * 24)
    settings = load(written)
    assert (settings.port, settings.limits.photos, settings.limits.file_bytes) == (9001, 3, 5000)
    assert settings.admin_key is not None
    assert "kkk" not in repr(settings)


def test_all_faults_are_told_at_once_without_secrets(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written.write_text("prot: 9000\nport: 99999\nlimits:\n  photo: 3\n")
    monkeypatch.setenv("TOUCHSTONE_ADMIN_KEY", "too-short")
    with pytest.raises(ConfigurationError) as refused:
        load(written)
    message = str(refused.value)
    for word in ("prot", "port", "limits.photo", "admin_key", "Settings: data_dir"):
        assert word in message
    assert "too-short" not in message


@pytest.mark.parametrize("content", ["[1, 2]", "a: [", "\x00"])
def test_a_file_that_is_no_mapping_is_refused(written: Path, content: str) -> None:
    written.write_text(content)
    with pytest.raises(ConfigurationError, match=r"serve\.yaml"):
        load(written)


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path / "absent.yaml")


def test_the_sample_loads() -> None:
    assert load(ROOT / "deploy" / "serve.yaml").host == "0.0.0.0"


def test_every_setting_is_documented() -> None:
    document = (ROOT / "docs" / "api.md").read_text(encoding="utf-8").partition("## Settings")[2]
    names = [name for name in Settings.model_fields if name != "limits"]
    names += [f"limits.{name}" for name in type(Settings().limits).model_fields]
    assert [name for name in names if f"`{name}`" not in document] == []


def test_a_precision_that_the_bundle_has_not_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(BundleInvalid, match="no int8 towers"):
        open_bundle(Settings(data_dir=tmp_path, precision="int8"))


def test_a_precision_that_nobody_knows_is_told_with_the_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHSTONE_PRECISION", "fp8")
    with pytest.raises(ConfigurationError, match="'fp32', 'fp16' or 'int8'"):
        load()
