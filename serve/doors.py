"""What a request passes before its route: who calls, for which brand, with what body."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Depends, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool

from index.reference_set import brand_id
from index.store import Actor, Scope
from index.store.tenants import act_as
from serve.auth import Caller, brand_of, require_scope
from serve.service import Running
from serve.uploads import read_body

Body = TypeVar("Body", bound=BaseModel)


BEARER = HTTPBearer(auto_error=False, scheme_name="bearer", description="An API key as a bearer token.")
HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, scheme_name="header", description="An API key.")


async def caller(
    request: Request,
    running: Running,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)],
    key: Annotated[str | None, Security(HEADER)],
) -> Caller:
    """Whoever calls, on record as the actor of what the request changes; refuses with 401."""
    who = await run_in_threadpool(running.keyring.caller, key if bearer is None else bearer.credentials)
    act_as(Actor(who.key, request.scope["request_id"]))  # for the request's own task, and what it starts
    return who


Anyone = Annotated[Caller, Depends(caller)]


def of_scope(*any_of: Scope) -> Callable[[Caller], Awaitable[Caller]]:
    """A door for keys with one of these scopes; refuses with 403."""

    async def door(who: Anyone) -> Caller:
        require_scope(who, *any_of)
        return who

    return door


Operator = Annotated[Caller, Depends(of_scope("operator"))]
Admin = Annotated[Caller, Depends(of_scope("admin"))]
Pipeline = Annotated[Caller, Depends(of_scope("inspect"))]
Reviewer = Annotated[Caller, Depends(of_scope("inspect", "review"))]
BrandTeam = Annotated[Caller, Depends(of_scope("references:read"))]


def own_brand(request: Request, brand: str, who: Anyone, running: Running) -> str:
    """The id of the path's brand, which is there and the caller's; refuses with 403 or 404.

    Whatever its route does, reading takes `references:read`, and any other method `references:write`.
    """
    require_scope(who, "references:read" if request.method in ("GET", "HEAD") else "references:write")
    return brand_of(who, brand_id(brand), running.store).id


OwnBrand = Annotated[str, Depends(own_brand)]


Judge = Annotated[Caller, Depends(of_scope("review"))]


def judged_brand(brand: str, who: Judge, running: Running) -> str:
    """The id of the path's brand, which is there and the caller's to judge for; refuses with 403 or 404."""
    return brand_of(who, brand_id(brand), running.store).id


JudgedBrand = Annotated[str, Depends(judged_brand)]


class JsonBody(Generic[Body]):
    """A door that reads the body as a model; an empty one is the model's defaults. Refuses with 413 or 422.

    Read here and not by the framework, which would hold a body of any size before it asked who calls.
    """

    def __init__(self, model: type[Body]) -> None:
        self.model = model

    async def __call__(self, request: Request, running: Running) -> Body:
        """Read it."""
        limits = running.settings.limits
        body = await read_body(request, limits.json_bytes, limits.body_timeout_s)
        try:
            return self.model.model_validate_json(body or b"{}")
        except ValidationError as error:
            raise RequestValidationError(error.errors(include_url=False, include_input=False)) from None

    def described(self) -> dict[str, Any]:
        """As OpenAPI describes it."""
        schema = self.model.model_json_schema()
        return {"required": "required" in schema, "content": {"application/json": {"schema": schema}}}


json_body = JsonBody


def described(router: APIRouter) -> APIRouter:
    """The router, the bodies that are read here put into its OpenAPI: the framework knows nothing of them."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            for door in route.dependant.dependencies:
                if isinstance(door.call, JsonBody):
                    route.openapi_extra = {**(route.openapi_extra or {}), "requestBody": door.call.described()}
    return router
