"""What the service counts and times, for Prometheus."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
MINUTES = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)


class Metrics:
    """One registry an app, so that two apps of one process do not share counts."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "touchstone_requests", "Requests answered.", ["method", "route", "status"], registry=registry
        )
        self.request_seconds = Histogram(
            "touchstone_request_seconds", "From request to answer.", ["route"], buckets=SECONDS, registry=registry
        )
        self.stage_seconds = Histogram(
            "touchstone_inspection_seconds", "One inspection, by stage.", ["stage"], buckets=SECONDS, registry=registry
        )
        self.decisions = Counter("touchstone_decisions", "Verdicts given.", ["decision"], registry=registry)
        self.photos_refused = Counter(
            "touchstone_photos_refused", "Photos that could not be decoded.", ["code"], registry=registry
        )
        self.queue_depth = Gauge(
            "touchstone_queue_depth", "Requests in work or waiting.", ["workers"], registry=registry
        )
        self.store_version = Gauge("touchstone_store_version", "Version of the store.", registry=registry)
        self.gallery_store_version = Gauge(
            "touchstone_gallery_store_version", "Store version that is searchable.", registry=registry
        )
        self.gallery_lag_seconds = Gauge(
            "touchstone_gallery_lag_seconds",
            "How long the oldest change that is not searchable has waited; 0 when all are.",
            registry=registry,
        )
        self.put_to_searchable_seconds = Histogram(
            "touchstone_put_to_searchable_seconds",
            "From an acknowledged change to its being searchable.",
            buckets=MINUTES,
            registry=registry,
        )
        self.unreadable_references = Gauge(
            "touchstone_unreadable_references",
            "References left out of the gallery in service, since their photos are damaged.",
            registry=registry,
        )
        self.quarantines = Counter(
            "touchstone_quarantines", "References that passed the match budget.", registry=registry
        )
        self.rescanned = Counter(
            "touchstone_rescanned", "Kept listings looked at again.", ["outcome"], registry=registry
        )
        self.build_failures = Counter("touchstone_build_failures", "Gallery builds that failed.", registry=registry)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage of an inspection."""
        start = perf_counter()
        try:
            yield
        finally:
            self.stage_seconds.labels(name).observe(perf_counter() - start)

    def page(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)
