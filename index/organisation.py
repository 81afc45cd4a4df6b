"""The rules of an organisation's id."""

import re

from vision.errors import OrganisationNameInvalid

_FORM = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")


def organisation_id(name: str) -> str:
    """The id that a name stands for: the same in lower case. Errors: `OrganisationNameInvalid`."""
    lower = name.strip().lower()
    if _FORM.fullmatch(lower) is None:
        raise OrganisationNameInvalid(
            f"organisation {name[:80]!r} cannot be an id; use 1 to 64 of a-z, 0-9 and -, no - at either end"
        )
    return lower
