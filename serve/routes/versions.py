"""The versions of a brand's reference set over HTTP: what there was, what changed, and the way back."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse

from index.set_archive import archive
from serve.doors import OwnBrand
from serve.routes.openapi import PROBLEM
from serve.schemas.versions import (
    DifferenceResponse,
    RestorationResponse,
    SetResponse,
    VersionResponse,
    VersionsResponse,
)
from serve.service import Running

Number = Annotated[int, Path(ge=0, le=2**31 - 1)]

router = APIRouter(prefix="/v1/brands/{brand}/versions", responses=PROBLEM, tags=["versions"])


@router.get("")
def read_versions(running: Running, brand: OwnBrand) -> VersionsResponse:
    """All versions of a brand's set, newest first."""
    versions = running.store.versions.of(brand)
    return VersionsResponse(brand=brand, versions=[VersionResponse.from_domain(version) for version in versions])


@router.get("/{version}")
def read_version(running: Running, brand: OwnBrand, version: Number) -> SetResponse:
    """What the set held at a version."""
    return SetResponse.from_domain(brand, version, running.store.versions.set_at(brand, version))


@router.get("/{version}/changes")
def read_changes(
    running: Running,
    brand: OwnBrand,
    version: Number,
    since: Annotated[int | None, Query(ge=0, le=2**31 - 1, description="Default: the version before.")] = None,
) -> DifferenceResponse:
    """What the set gained and lost from one version to another."""
    versions = running.store.versions
    if since is None:
        since = max((each.version for each in versions.of(brand) if each.version < version), default=None)
    return DifferenceResponse.from_domain(brand, since, version, versions.difference(brand, since, version))


@router.get(
    "/{version}/archive",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}, "description": "The photos as uploaded, and a manifest."}},
)
def read_archive(running: Running, brand: OwnBrand, version: Number) -> StreamingResponse:
    """A version of the set as a zip."""
    held = running.store.versions.set_at(brand, version)
    named = {"Content-Disposition": f'attachment; filename="references-{version}.zip"'}
    return StreamingResponse(archive(running.store, brand, version, held), media_type="application/zip", headers=named)


@router.post("/{version}/restore")
def restore_version(running: Running, brand: OwnBrand, version: Number) -> RestorationResponse:
    """Make the set what it was at a version, which makes a new one."""
    restoration = running.store.versions.restore(brand, version)
    running.builder.changed(restoration.version)
    return RestorationResponse.from_domain(brand, restoration)
