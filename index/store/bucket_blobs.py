"""Blobs as objects of a bucket, in any store that speaks S3."""

import importlib.util
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from index.disk import tell
from index.store.blobs import checked
from vision.errors import ConfigurationError, StoreUnavailable

if TYPE_CHECKING:
    from obstore.store import S3Store

Answer = TypeVar("Answer")

_REQUESTS_AT_ONCE = 8
_RETRIES, _RETRY_FOR = 3, timedelta(seconds=10)
_REQUEST_TIMEOUT = timedelta(seconds=30)


class BucketBlobs:
    """Blobs under `prefix/ab/<sha256>`. Credentials, region and endpoint come from the `AWS_*` variables.

    An object is there whole or not at all, and durable once its writing is answered; that is the store's promise.
    """

    def __init__(self, url: str) -> None:
        if importlib.util.find_spec("obstore") is None:
            raise ConfigurationError("S3 needs obstore, which the base install lacks: pip install 'touchstone[s3]'")
        self._url, self._bucket = url, _opened(url)
        next(self.all(), None)  # a bucket that is not there or does not let us in stops the start, not an upload

    def put_all(self, items: Iterable[tuple[str, bytes]]) -> None:
        """Write objects, several at once. One that is there in its size is left: S3 checks its bytes itself."""
        with ThreadPoolExecutor(_REQUESTS_AT_ONCE) as pool:
            list(pool.map(self._put, items))

    def read(self, sha256: str) -> bytes:
        """The bytes, checked against their name; `BlobDamaged` where absent or altered."""
        import obstore

        def get() -> bytes:
            return bytes(obstore.get(self._bucket, _path(sha256)).bytes())

        return checked(sha256, _unless_absent(get), self._url)

    def erase(self, sha256: str) -> None:
        """Remove a blob for good; absent ones are fine."""
        import obstore

        _unless_absent(lambda: obstore.delete(self._bucket, _path(sha256)))

    def all(self) -> Iterator[str]:
        """The sha256 of every blob."""
        import obstore

        with _answering():
            for objects in obstore.list(self._bucket):
                yield from (each["path"].rpartition("/")[2] for each in objects)

    def sweep_unfinished(self) -> None:
        """Nothing: what is not finished is not there."""

    def _put(self, item: tuple[str, bytes]) -> None:
        import obstore

        sha256, data = item
        there = _unless_absent(lambda: obstore.head(self._bucket, _path(sha256))["size"])
        if there != len(data):
            with _answering():
                obstore.put(self._bucket, _path(sha256), data)


def _opened(url: str) -> "S3Store":
    from obstore.store import S3Store

    with _answering():
        return S3Store.from_url(
            url,
            # obstore reads this variable itself, but only where it is given no options
            client_options={
                "timeout": _REQUEST_TIMEOUT,
                "allow_http": os.environ.get("AWS_ALLOW_HTTP", "").lower() == "true",
            },
            retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRY_FOR},
        )


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _unless_absent(ask: Callable[[], Answer]) -> Answer | None:
    """What is answered, or None where there is no such object."""
    with _answering():
        try:
            return ask()
        except FileNotFoundError:
            return None


@contextmanager
def _answering() -> Iterator[None]:
    """Raise `StoreUnavailable` where the bucket does not answer as a bucket should."""
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, FileNotFoundError, ValueError) as fault:
        tell(StoreUnavailable, fault, str(fault).partition("\n")[0])
