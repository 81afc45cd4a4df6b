"""What goes over the wire about upload jobs."""

from collections.abc import Sequence
from datetime import datetime

from index.store.jobs import Job, JobFile, State
from serve.schemas.brands import FileResponse
from serve.schemas.wire import Wire


class JobResponse(Wire):
    """An upload being worked on, or done; its files once they are decided."""

    id: str
    brand: str
    state: State
    created_at: datetime
    finished_at: datetime | None
    total: int  # files sent
    counts: dict[str, int]  # files decided by now, by status
    version: int | None  # of the store, holding what was accepted, once it is done
    error: str | None  # why it failed
    files: list[FileResponse]  # decided ones of the page asked for

    @classmethod
    def from_domain(cls, job: Job, files: Sequence[JobFile]) -> "JobResponse":
        """As it stands."""
        return cls(
            id=job.id,
            brand=job.brand,
            state=job.state,
            created_at=job.created,
            finished_at=job.finished,
            total=job.total,
            counts=dict(job.counts),
            version=job.version,
            error=job.fault,
            files=[FileResponse.model_validate_json(file.result) for file in files if file.result is not None],
        )
