"""What a running service is made of. Built once by `serve.app`, handed to each route."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from index.store import Store
from serve.auth import Keyring
from serve.builder import Builder
from serve.canary import Canary
from serve.desk import Desk
from serve.metrics import Metrics
from serve.settings import Settings
from serve.upload_worker import UploadWorker
from serve.warden import Warden
from serve.workers import Workers


@dataclass(frozen=True)
class Service:
    """The parts, wired."""

    settings: Settings
    store: Store
    keyring: Keyring
    desk: Desk
    builder: Builder
    canary: Canary
    inspections: Workers  # heavy work for the listing pipeline
    upload_jobs: UploadWorker
    uploads: Workers  # heavy work for brands, so that an upload does not hold up inspections
    metrics: Metrics
    warden: Warden


async def service(request: Request) -> Service:
    """The service this request came to."""
    running: Service = request.app.state.service
    return running


Running = Annotated[Service, Depends(service)]
