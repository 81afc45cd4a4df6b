"""The wire: what all that goes over it has in common, and how a problem is told."""

from pydantic import BaseModel, ConfigDict

Box = tuple[float, float, float, float]  # x0 y0 x1 y1, fractions 0..1 of the photo


class Wire(BaseModel):
    """Closed and immutable, as everything on the wire is."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FileFault(Wire):
    """What was wrong with one of the files sent."""

    index: int
    name: str
    code: str
    detail: str


class RequestFault(Wire):
    """What was wrong with one value of a request."""

    where: str
    detail: str


class Problem(Wire):
    """RFC 9457 problem details. `code` is stable; `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str  # urn:uuid of this request; the log has it too
    files: list[FileFault] | None = None  # each file that was refused
    faults: list[RequestFault] | None = None  # each value that does not fit
