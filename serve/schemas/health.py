"""Whether the service works, over the wire."""

from typing import Literal

from serve.schemas.wire import Wire


class HealthResponse(Wire):
    """The process runs and answers."""

    status: Literal["alive"] = "alive"


class ReadyResponse(Wire):
    """A photo was just decoded and embedded, and the gallery in service is fresh."""

    status: Literal["ready"] = "ready"
    gallery_version: str
    gallery_store_version: int  # every change up to this store version is searchable
    store_version: int
    put_to_searchable_s: float | None  # of the last change made here
    canary_age_s: float  # since a photo last went through decode and embedding
    embedder: str
    brands: int
    unreadable_references: int  # left out of the gallery, since their photos are damaged; the log names them
