"""Attachments of notices: which links lead to one, and what may become of fetching it."""

import re
from typing import Literal
from urllib.parse import SplitResult, parse_qs, urlsplit

from domain.errors import Invalid

AttachmentState = Literal["waiting", "fetched", "failed"]

MOST_LINKS = 200
"""Of one notice."""

HOSTS = frozenset({"sam.gov", "www.sam.gov", "api.sam.gov"})

_NOTICE = r"[0-9a-z][0-9a-z_-]{0,127}"
_VIEW = re.compile(rf"/(?:workspace/contract/)?opp/({_NOTICE})(?:/view)?/?", re.IGNORECASE)
_FILE = re.compile(
    r"/api/prod/opps/v3/opportunities/resources/files/[0-9a-z-]{1,128}/download/?", re.IGNORECASE
)
_ASKS = re.compile(r"/(?:prod/)?opportunities/v[12]/(?:search|noticedesc)/?", re.IGNORECASE)


def notice_of_link(link: str) -> str | None:
    """The id of the notice that a pasted link of SAM.gov shows; None where it is a file's.

    Raises `Invalid` for every other link, saying which are taken.
    """
    parts = _parts(link)
    if found := _VIEW.fullmatch(parts.path):
        return found[1]
    asked = {name.lower(): told for name, told in parse_qs(parts.query).items()}
    if _ASKS.fullmatch(parts.path) and re.fullmatch(
        _NOTICE, asked.get("noticeid", [""])[0], re.IGNORECASE
    ):
        return asked["noticeid"][0]
    if _FILE.fullmatch(parts.path):
        return None
    raise _refused("it shows no notice and no file of one")


def file_path(link: str) -> str:
    """Of a link to a file: the same whatever follows it. Raises `Invalid` for another link."""
    path = _parts(link).path
    if not _FILE.fullmatch(path):
        raise _refused("it leads to no file of a notice")
    return path.rstrip("/")


def _parts(link: str) -> SplitResult:
    """Raises `Invalid` where it is none of SAM.gov's."""
    try:
        parts = urlsplit(link.strip())
        port = parts.port
    except ValueError as error:
        raise _refused("it is no address") from error
    if parts.scheme != "https" or parts.hostname not in HOSTS or port not in {None, 443}:
        raise _refused("it is not one of https://sam.gov")
    if parts.username is not None or parts.password is not None:
        raise _refused("it carries a name or a password")
    return parts


def _refused(reason: str) -> Invalid:
    taken = "https://sam.gov/opp/<id>/view, its workspace's form, or a file's download link"
    return Invalid(what="the link", reason=f"{reason}; taken are {taken}")
