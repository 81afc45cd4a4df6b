"""What a request passes before its route: who calls, for which brand, with what body."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ValidationError

from index.reference_set import brand_id
from index.store import Role
from serve.auth import Caller, require_brand, require_role
from serve.service import Running
from serve.uploads import read_body

Body = TypeVar("Body", bound=BaseModel)


BEARER = HTTPBearer(auto_error=False, scheme_name="bearer", description="An API key as a bearer token.")
HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, scheme_name="header", description="An API key.")


def caller(
    running: Running,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)],
    key: Annotated[str | None, Security(HEADER)],
) -> Caller:
    """Whoever calls; refuses with 401."""
    return running.keyring.caller(key if bearer is None else bearer.credentials)


Anyone = Annotated[Caller, Depends(caller)]


def of_role(*roles: Role) -> Callable[[Caller], Awaitable[Caller]]:
    """A door for these roles and admins; refuses with 403."""

    async def door(who: Anyone) -> Caller:
        require_role(who, *roles)
        return who

    return door


Admin = Annotated[Caller, Depends(of_role())]
Pipeline = Annotated[Caller, Depends(of_role("pipeline"))]
BrandTeam = Annotated[Caller, Depends(of_role("brand"))]


def own_brand(brand: str, who: BrandTeam, running: Running) -> str:
    """The id of the path's brand, which is there and the caller's; refuses with 404."""
    named = brand_id(brand)
    require_brand(who, named)
    return running.store.brand(named).id


OwnBrand = Annotated[str, Depends(own_brand)]


def json_body(model: type[Body]) -> Callable[[Request, Running], Awaitable[Body]]:
    """The body as `model`; an empty one is the model's defaults. Refuses with 413 or 422."""

    async def read(request: Request, running: Running) -> Body:
        limits = running.settings.limits
        body = await read_body(request, limits.json_bytes, limits.body_timeout_s)
        try:
            return model.model_validate_json(body or b"{}")
        except ValidationError as error:
            raise RequestValidationError(error.errors(include_url=False, include_input=False)) from None

    return read
