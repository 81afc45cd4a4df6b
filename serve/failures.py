"""How a thread that goes on tells of a failure: one with a name in a line, another whole."""

import logging

from vision.errors import TouchstoneError

log = logging.getLogger("touchstone.serve")


def tell(level: int, what: str, fault: Exception) -> None:
    """Log what failed, and why."""
    why = "; ".join([str(fault), *getattr(fault, "__notes__", ())])
    log.log(level, "%s: %s", what, why, exc_info=None if isinstance(fault, TouchstoneError) else fault)
