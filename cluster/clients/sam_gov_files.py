"""What lies behind a notice's `resourceLinks`: name, size and type, without the whole file."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import httpx

from cluster.clients.sam_gov import SAM_GOV
from cluster.clients.sam_gov_answers import SERVICE
from domain.errors import Invalid, NotFound, Unavailable

_PATH = re.compile(r"/api/prod/opps/v3/opportunities/resources/files/[0-9a-zA-Z-]+/download")
_HOSTS = {"sam.gov", "www.sam.gov", "api.sam.gov"}
_START_BYTES = 512

# SAM.gov serves everything as octet-stream: the first bytes tell the type.
_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """`size_bytes` is None where the server does not tell it."""

    name: str
    size_bytes: int | None
    media_type: str


async def file_facts(http: httpx.AsyncClient, link: str) -> FileFacts:
    """Asks the server of `http`, which in a sandbox stands in for SAM.gov. Sends no key.

    Raises `Invalid` for a link that is none of SAM.gov's, `NotFound`, and `Unavailable`.
    """
    address = urlsplit(link)
    if address.scheme != "https" or address.hostname not in _HOSTS or not _PATH.match(address.path):
        raise Invalid(what="link", reason="it does not lead to a file of SAM.gov")
    is_sandbox = not str(http.base_url).startswith(SAM_GOV)
    url = address.path if is_sandbox else link
    try:
        async with http.stream("GET", url, follow_redirects=True) as answer:
            if answer.status_code == httpx.codes.NOT_FOUND:
                raise NotFound(what="file", key=address.path)
            if not answer.is_success:
                raise Unavailable(service=SERVICE, reason=f"a file answered {answer.status_code}")
            start = b""
            async for part in answer.aiter_bytes(_START_BYTES):
                start += part
                if len(start) >= _START_BYTES:
                    break
            size = answer.headers.get("Content-Length")
            name = file_name(answer.headers.get("Content-Disposition", ""))
    except httpx.TransportError as error:
        raise Unavailable(service=SERVICE, reason=type(error).__name__) from None
    return FileFacts(name, int(size) if size else None, media_type(start))


def file_name(disposition: str) -> str:
    """RFC 6266: the extended form first. Only the last part of a path, or `file`."""
    extended = re.search(r"filename\*\s*=\s*([\w-]+)'[^']*'([^;]+)", disposition, re.IGNORECASE)
    plain = re.search(r'filename\s*=\s*(?:"([^"]*)"|([^;]+))', disposition, re.IGNORECASE)
    if extended:
        name = unquote(extended[2].strip(), encoding=extended[1], errors="replace")
    elif plain:
        name = unquote((plain[1] or plain[2] or "").strip().replace("+", " "))
    else:
        name = ""
    return re.split(r"[/\\]", name)[-1].strip() or "file"


def media_type(start: bytes) -> str:
    """By the first bytes; text where they are readable."""
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            return kind
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(start) - 3:  # Else a character is only cut at the end.
            return "application/octet-stream"
    return "text/plain" if start and b"\0" not in start else "application/octet-stream"
