"""Which version of Touchstone this is."""

from importlib import metadata


def version() -> str:
    """The installed version, or a word for a source tree that is run without having been installed."""
    try:
        return metadata.version("touchstone")
    except metadata.PackageNotFoundError:
        return "(not installed)"
