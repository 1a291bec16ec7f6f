"""Picks the reader by what the file holds, not by its name."""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from cluster.engines.reading.docx import read_docx
from cluster.engines.reading.markup import read_html, read_rtf
from cluster.engines.reading.office import read_odt, read_pptx, read_xlsx
from cluster.engines.reading.pdf import read_pdf
from cluster.engines.reading.plain import read_plain
from cluster.engines.sniff import (
    DOCX,
    HTML,
    ODT,
    PDF,
    PLAIN,
    PPTX,
    RTF,
    XLSX,
    ZIP,
    media_type_of,
)
from domain.errors import NotFound, Unreadable
from domain.pages import Page

_MOST_UNPACKED = 300 * 1024**2
_READERS: Mapping[str, Callable[[Path], list[Page]]] = {
    PDF: read_pdf,
    DOCX: read_docx,
    XLSX: read_xlsx,
    PPTX: read_pptx,
    ODT: read_odt,
    RTF: read_rtf,
    HTML: read_html,
    PLAIN: read_plain,
}
_ARCHIVES = frozenset({DOCX, XLSX, PPTX, ODT})


def read_pages(path: Path) -> list[Page]:
    """Every page of a PDF; a DOCX and a text without form feeds are one page.

    Raises NotFound, or Unreadable with the reason for a broken, locked or foreign file.
    """
    if not path.is_file():
        raise NotFound(what="file", key=str(path))
    media_type = media_type_of(path)
    if media_type == ZIP:
        reason = "an archive, whose files are documents of their own"
        raise Unreadable(file=path.name, reason=reason, code="foreign")
    if media_type not in _READERS:
        raise Unreadable(file=path.name, reason="a picture, which has no text", code="foreign")
    if media_type in _ARCHIVES:
        _check_size(path)
    return _READERS[media_type](path)


def _check_size(path: Path) -> None:
    """Before anything is unpacked: more than it tells of itself is never unpacked."""
    with zipfile.ZipFile(path) as parts:
        size = sum(part.file_size for part in parts.infolist())
    if size > _MOST_UNPACKED:
        reason = f"an archive that unfolds to {size:,} bytes"
        raise Unreadable(file=path.name, reason=reason, code="bomb")
