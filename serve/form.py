"""A multipart form, built from its body as that arrives; every cap is enforced before bytes are held.

The framework's own form parser puts no limit on the bytes of a file part.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from vision.errors import FileTooLarge, FormInvalid, TooManyFiles

MAX_NAME = 200  # characters kept of a file's name


@dataclass(frozen=True)
class FormLimits:
    """What a form may hold and cost."""

    files_field: str
    text_fields: Collection[str]
    max_files: int
    max_file_bytes: int
    max_body_bytes: int
    max_field_bytes: int
    timeout_s: float
    document_fields: Collection[str] = ()  # small files that are no photos
    max_document_bytes: int = 0


@dataclass(frozen=True)
class UploadedFile:
    """One file of a form, whole."""

    name: str  # as sent, shortened; never used as a path
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Form:
    """A form read within its limits."""

    files: tuple[UploadedFile, ...]
    fields: Mapping[str, str]
    documents: Mapping[str, UploadedFile] = field(default_factory=dict)


class FormReader:
    """Builds a `Form` from the chunks of its body, holding never more than the limits allow."""

    def __init__(self, boundary: bytes, limits: FormLimits) -> None:
        self.limits = limits
        self.files: list[UploadedFile] = []
        self.fields: dict[str, str] = {}
        self.documents: dict[str, UploadedFile] = {}
        self.ended = False
        self.part = Part()
        try:
            self.parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self.begin,
                    "on_header_field": lambda data, start, end: self.part.header(data[start:end]),
                    "on_header_value": lambda data, start, end: self.part.value(data[start:end]),
                    "on_header_end": lambda: self.part.end_header(),
                    "on_headers_finished": self.identify,
                    "on_part_data": self.hold,
                    "on_part_end": self.keep,
                    "on_end": self.end,
                },
            )
        except FormParserError as error:
            raise FormInvalid(f"the form's boundary cannot be used: {error}. Use a shorter one.") from None

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the body."""
        try:
            self.parser.write(chunk)
        except FormParserError as error:
            raise FormInvalid(f"the form is malformed: {error}. Send well-formed multipart/form-data.") from None

    def finish(self) -> Form:
        """The form, once its body has ended."""
        if not self.ended:
            raise FormInvalid("the form ends before its last boundary. Send the whole body.")
        if not self.files:
            raise FormInvalid(f"the form holds no file. Send at least one part named {self.limits.files_field!r}.")
        return Form(tuple(self.files), dict(self.fields), dict(self.documents))

    def begin(self) -> None:
        """A part starts."""
        self.part = Part()

    def identify(self) -> None:
        """The part's headers are complete: refuse it now when it is not wanted."""
        part, limits = self.part, self.limits
        part.identify()
        if part.field == limits.files_field:
            if len(self.files) >= limits.max_files:
                raise TooManyFiles(
                    f"the form holds more than {limits.max_files} files, the limit. Send the rest in another request."
                )
        elif part.field not in (*limits.text_fields, *limits.document_fields):
            known = ", ".join([limits.files_field, *limits.text_fields, *limits.document_fields])
            raise FormInvalid(f"the form has a part named {part.field[:MAX_NAME]!r}. Known parts: {known}.")
        elif part.field in self.fields or part.field in self.documents:
            raise FormInvalid(f"the form has {part.field!r} twice. Send it once.")

    def hold(self, data: bytes, start: int, end: int) -> None:
        """Some bytes of the part: refused before they are held when they pass the cap."""
        size = len(self.part.content) + end - start
        if self.part.field == self.limits.files_field:
            self.refuse_file(size)
        elif size > (most := self.most(self.part.field)):
            raise FormInvalid(f"{self.part.field!r} is longer than {most} bytes, the limit. Shorten it.")
        self.part.content += data[start:end]

    def most(self, name: str) -> int:
        """Bytes that a part which is no photo may have."""
        is_document = name in self.limits.document_fields
        return self.limits.max_document_bytes if is_document else self.limits.max_field_bytes

    def refuse_file(self, size: int) -> None:
        """Refuse a file over its limit, by name."""
        limit = self.limits.max_file_bytes
        if size > limit:
            raise FileTooLarge(
                f"{self.part.name!r} is at least {size} bytes; the limit for a file is {limit}. "
                "Send a smaller or more compressed photo."
            )

    def keep(self) -> None:
        """The part is whole."""
        part = self.part
        if part.field == self.limits.files_field:
            self.files.append(UploadedFile(part.name or f"file-{len(self.files) + 1}", bytes(part.content)))
        elif part.field in self.limits.document_fields:
            self.documents[part.field] = UploadedFile(part.name or part.field, bytes(part.content))
        else:
            self.fields[part.field] = text(part.content, part.field)
        self.part = Part()

    def end(self) -> None:
        """The closing boundary came."""
        self.ended = True


class Part:
    """One part of a form as it comes in."""

    def __init__(self) -> None:
        self.headers: dict[bytes, bytes] = {}
        self.header_name, self.header_value = bytearray(), bytearray()
        self.field, self.name = "", ""
        self.content = bytearray()

    def header(self, data: bytes) -> None:
        """Bytes of a header's name."""
        self.header_name += data

    def value(self, data: bytes) -> None:
        """Bytes of a header's value."""
        self.header_value += data

    def end_header(self) -> None:
        """A header is whole."""
        self.headers[bytes(self.header_name).lower()] = bytes(self.header_value)
        self.header_name.clear()
        self.header_value.clear()

    def identify(self) -> None:
        """Read the part's field and file name out of its headers."""
        kind, options = parse_options_header(self.headers.get(b"content-disposition"))
        if kind != b"form-data" or b"name" not in options:
            raise FormInvalid("a part of the form has no name. Give each a `Content-Disposition: form-data; name=...`.")
        self.field = options[b"name"].decode("utf-8", "replace")
        self.name = printable(options.get(b"filename", b"").decode("utf-8", "replace"))


def printable(name: str) -> str:
    """A file's name fit to be shown: no control characters, not overlong."""
    return "".join(character for character in name if character.isprintable())[:MAX_NAME]


def text(content: bytearray, field_name: str) -> str:
    """The text of a field, which must be UTF-8 without control characters."""
    try:
        value = content.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise FormInvalid(f"{field_name!r} is no UTF-8. Send it as UTF-8.") from None
    if not value.isprintable():
        raise FormInvalid(f"{field_name!r} holds control characters. Leave them out.")
    return value
