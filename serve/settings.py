"""The service's settings: a closed YAML, over which `TOUCHSTONE_*` environment variables stand.

Nested settings use a double underscore: `TOUCHSTONE_LIMITS__FILE_BYTES=1000000`.
"""

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from index.match_budget import MatchBudget
from index.store import Place
from vision.bundle import Precision
from vision.errors import ConfigurationError

MIB = 2**20
KEY_MIN_LENGTH = 24  # a key is a secret that is compared by hash only, so it has to be unguessable


class Limits(BaseModel):
    """What one request may cost. Enforced while the body arrives, before it is held in memory."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    photos: Annotated[int, Field(ge=1, le=12)] = 12  # photos of one inspection
    reference_files: Annotated[int, Field(ge=1)] = 200  # files of one reference upload
    file_bytes: Annotated[int, Field(ge=1024)] = 20 * MIB
    inspection_bytes: Annotated[int, Field(ge=1024)] = 64 * MIB  # whole body of one inspection
    upload_bytes: Annotated[int, Field(ge=1024)] = 256 * MIB  # whole body of one reference upload
    archive_bytes: Annotated[int, Field(ge=1024)] = 2048 * MIB  # a zip of references; on disk while it arrives
    archive_entries: Annotated[int, Field(ge=1)] = 10_000  # files in it
    archive_directory_bytes: Annotated[int, Field(ge=1024)] = 2 * MIB  # its table of contents
    archive_unpacked_bytes: Annotated[int, Field(ge=1024)] = 4096 * MIB  # all its files
    archive_ratio: Annotated[int, Field(ge=1)] = 200  # a file's size to what it takes in the zip
    archive_timeout_s: Annotated[float, Field(gt=0)] = 900.0  # for a whole zip to arrive
    field_bytes: Annotated[int, Field(ge=16)] = 512  # a text field of a form
    json_bytes: Annotated[int, Field(ge=64)] = 16 * 1024  # a JSON body
    body_timeout_s: Annotated[float, Field(gt=0)] = 60.0  # for a whole body to arrive
    photo_pixels: Annotated[int, Field(ge=1024)] = 40_000_000
    photo_min_side_px: Annotated[int, Field(ge=8)] = 32
    rollouts: Annotated[int, Field(ge=1)] = 8  # an organisation has under way; each is one more set to search


class Settings(BaseSettings):
    """Everything `touchstone serve` can be told."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="TOUCHSTONE_", env_nested_delimiter="__", validate_default=True
    )

    data_dir: Path = Path("data")  # gallery; store and blobs too, unless they are elsewhere
    database_url: SecretStr | None = None  # postgresql://user@host/database; None: SQLite in data_dir
    blobs_url: str | None = None  # s3://bucket/prefix; None: files in data_dir
    bundle: Path | None = None  # model bundle; None: the carried one
    precision: Precision | None = None  # of the bundle's towers; None: the one that its spec serves
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    admin_key: SecretStr | None = None  # None: one is made on first start and printed once
    pipeline_key: SecretStr | None = None
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.01  # allowed share of genuine listings flagged
    inference_threads: Annotated[int, Field(ge=1, le=64)] = 1  # photos worked on at once
    runtime_threads: Annotated[int, Field(ge=1, le=64)] = 1  # threads inside one run of the embedder
    queue_length: Annotated[int, Field(ge=1)] = 32  # inspections accepted at once; one more is answered 503
    upload_slots: Annotated[int, Field(ge=1)] = 4  # reference uploads accepted at once
    batch_images: Annotated[int, Field(ge=1)] = 32  # most images embedded together when inference_threads > 1
    batch_wait_ms: Annotated[float, Field(ge=0)] = 2.0  # how long an embedding waits for company
    fresh_within_s: Annotated[float, Field(gt=0)] = 600.0  # an acknowledged change unsearchable for longer: not ready
    canary_max_age_s: Annotated[float, Field(ge=0)] = 5.0  # a proof of decode and embedding this young still stands
    canary_timeout_s: Annotated[float, Field(gt=0)] = 5.0
    build_threads: Annotated[int, Field(ge=1, le=64)] = 1  # brands enrolled at once when the gallery is built
    build_apart: bool = True  # build in a process of its own, so that inspections never wait for a build
    poll_store_s: Annotated[float, Field(gt=0)] = 2.0  # how often another process's changes are looked for
    match_budget_share: Annotated[float, Field(gt=0, le=1)] = 0.2  # of a day's inspections; more may be quarantined
    match_budget_factor: Annotated[float, Field(ge=1)] = 5.0  # times a brand's own share that one reference may have
    match_budget_fewest: Annotated[int, Field(ge=1)] = 200  # inspections below which no reference is judged by them
    match_budget_every_s: Annotated[float, Field(gt=0)] = 10.0  # how often matches are written and judged
    keep_listings_days: Annotated[float, Field(ge=0, le=366)] = 0.0  # photos of inspections, for rescans; 0: none is
    keep_listings_bytes: Annotated[int, Field(ge=1024)] = 1024 * MIB  # an organisation's; the oldest go first
    limits: Limits = Limits()

    @property
    def place(self) -> Place:
        """Where the store is."""
        database = None if self.database_url is None else self.database_url.get_secret_value()
        return Place(self.data_dir, database, self.blobs_url)

    @property
    def match_budget(self) -> MatchBudget:
        """What is allowed of one reference."""
        return MatchBudget(self.match_budget_fewest, self.match_budget_share, self.match_budget_factor)

    @field_validator("admin_key", "pipeline_key")
    @classmethod
    def long_enough(cls, key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        """A key someone chose must be as hard to guess as one that was made."""
        if key is not None and len(key.get_secret_value()) < KEY_MIN_LENGTH:
            raise ValueError(f"{info.field_name} is shorter than {KEY_MIN_LENGTH} characters")
        return key

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments in code come first, then the environment; `load` adds the file below both."""
        return init_settings, env_settings


def load(path: Path | None = None) -> Settings:
    """Settings from `path` under the environment; `ConfigurationError` lists every fault at once."""
    written = {} if path is None else read_yaml(path)

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: Any
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return named["env_settings"], InitSettingsSource(settings_cls, init_kwargs=written)

    try:
        return Settings.model_validate(FromFile().model_dump())
    except ValidationError as error:
        raise ConfigurationError(describe(error, path)) from None


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping a YAML file holds."""
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"settings {path} cannot be read: {error}. Give a readable YAML file.") from None
    if written is None:
        return {}
    if not isinstance(written, dict):
        raise ConfigurationError(f"settings {path} hold a {type(written).__name__}; write `setting: value` lines.")
    return written


def describe(error: ValidationError, path: Path | None) -> str:
    """Every fault of the settings, a line each, without the values of secrets."""
    faults = (f"  {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_input=False))
    known = ", ".join(Settings.model_fields)
    return f"settings from {path or 'the environment'} cannot be used:\n" + "\n".join(faults) + f"\nSettings: {known}."
