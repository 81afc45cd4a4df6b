"""Request bodies read within their limits of bytes and time, whether or not their length was announced."""

import asyncio
from collections.abc import AsyncIterator, Collection

from python_multipart.multipart import parse_options_header
from starlette.requests import Request

from index.metadata_table import MAX_BYTES
from serve.form import Form, FormLimits, FormReader
from serve.settings import Limits
from vision.errors import BodyTimeout, BodyTooLarge, FormTypeUnsupported


def form_limits(
    limits: Limits,
    files_field: str,
    text_fields: Collection[str],
    max_files: int,
    max_body_bytes: int,
    document_fields: Collection[str] = (),
) -> FormLimits:
    """What a form may hold: so many files, in so large a body, each part as the settings have it."""
    return FormLimits(
        files_field=files_field,
        text_fields=text_fields,
        max_files=max_files,
        max_file_bytes=limits.file_bytes,
        max_body_bytes=max_body_bytes,
        max_field_bytes=limits.field_bytes,
        timeout_s=limits.body_timeout_s,
        document_fields=document_fields,
        max_document_bytes=MAX_BYTES,
    )


async def read_form(request: Request, limits: FormLimits) -> Form:
    """Read the request's body into a `Form`; refuses with 408, 413, 415 or 422."""
    reader = FormReader(boundary_of(request), limits)
    async for chunk in read_within(request, limits.max_body_bytes, limits.timeout_s):
        reader.feed(chunk)
    return reader.finish()


async def read_body(request: Request, max_bytes: int, timeout_s: float) -> bytes:
    """A small body, whole; refuses with 408 or 413."""
    return b"".join([chunk async for chunk in read_within(request, max_bytes, timeout_s)])


async def read_within(request: Request, max_bytes: int, timeout_s: float) -> AsyncIterator[bytes]:
    """The body's chunks, refused as soon as more than `max_bytes` are announced or have come."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit():
        refuse_body(int(announced), max_bytes)
    received = 0
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    chunks = aiter(request.stream())
    while True:
        try:
            chunk = await asyncio.wait_for(anext(chunks), timeout=max(0.0, deadline - loop.time()))
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise BodyTimeout(
                f"the body did not arrive within {timeout_s:g} s ({received} bytes came). Send less at once."
            ) from None
        received += len(chunk)
        refuse_body(received, max_bytes)
        yield chunk


def refuse_body(size: int, max_bytes: int) -> None:
    """Refuse a body, announced or received, over its limit."""
    if size > max_bytes:
        raise BodyTooLarge(f"the body is at least {size} bytes; the limit is {max_bytes}. Send fewer or smaller files.")


def boundary_of(request: Request) -> bytes:
    """What separates the parts of this form."""
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise FormTypeUnsupported(
            f"the body is {kind.decode('latin-1') or 'of no type'!r}; send multipart/form-data with a boundary."
        )
    return options[b"boundary"]
