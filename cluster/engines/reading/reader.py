"""Picks the reader by what the file holds, not by its name."""

import zipfile
from pathlib import Path

from cluster.engines.reading.docx import read_docx
from cluster.engines.reading.pdf import read_pdf
from cluster.engines.reading.plain import read_plain
from domain.errors import NotFound, Unreadable
from domain.pages import Page

_HEAD_BYTES = 1024
_LEGACY = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Compound files: Word 97 and other old Office formats."""


def read_pages(path: Path) -> list[Page]:
    """Every page of a PDF; a DOCX and a text without form feeds are one page.

    Raises NotFound, or Unreadable with the reason for a broken, locked or foreign file.
    """
    if not path.is_file():
        raise NotFound(what="file", key=str(path))
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if b"%PDF-" in head:
        return read_pdf(path)
    if head.startswith(b"PK"):
        return _read_zipped(path)
    if head.startswith(_LEGACY):
        raise Unreadable(file=path.name, reason="an old Office format; save it as DOCX or PDF")
    if b"\0" in head:
        raise Unreadable(file=path.name, reason="neither PDF, DOCX nor text")
    return read_plain(path)


def _read_zipped(path: Path) -> list[Page]:
    try:
        with zipfile.ZipFile(path) as parts:
            names = set(parts.namelist())
    except zipfile.BadZipFile as error:
        raise Unreadable(file=path.name, reason=f"a broken archive ({error})") from error
    if "word/document.xml" not in names:
        raise Unreadable(file=path.name, reason="an archive, but no DOCX")
    return read_docx(path)
