"""What a file is, by what it holds. Parses nothing but the names in an archive."""

import zipfile
from pathlib import Path

from domain.errors import Unreadable

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODT = "application/vnd.oasis.opendocument.text"
ZIP = "application/zip"
HTML, PLAIN, RTF = "text/html", "text/plain", "application/rtf"

IMAGES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
}
_HEAD_BYTES = 1024
_LEGACY = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Compound files: Office before 2007, and later ones that are locked."""
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_TELLING = {
    "word/document.xml": DOCX,
    "xl/workbook.xml": XLSX,
    "ppt/presentation.xml": PPTX,
}
_MOST_MEMBERS = 10_000
_DIRECTORY_END = b"PK\x05\x06"
_DIRECTORY_TAIL = 66_000


def media_type_of(path: Path) -> str:
    """Raises `Unreadable` for what nobody here reads, with what to do instead."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise Unreadable(file="the file", reason="it is empty", code="empty")
    for magic, media_type in IMAGES.items():
        if head.startswith(magic):
            return media_type
    if head.startswith((b"PK\x03\x04", _DIRECTORY_END)):
        return _zipped(path)
    if b"%PDF-" in head:  # After archives: one may hold a PDF as it is.
        return PDF
    if head.startswith(_LEGACY):
        raise _legacy(path)
    return _text(head)


def _text(head: bytes) -> str:
    if b"\0" in head:
        reason = "it is none of PDF, DOCX, XLSX, PPTX, ODT, RTF, HTML, ZIP, picture and plain text"
        raise Unreadable(file="the file", reason=reason, code="foreign")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"{\\rtf"):
        return RTF
    return HTML if start.startswith((b"<!doctype html", b"<html")) else PLAIN


def _zipped(path: Path) -> str:
    names = _names(path)
    for name, media_type in _TELLING.items():
        if name in names:
            return media_type
    if "content.xml" in names and _mimetype(path) == ODT:
        return ODT
    return ZIP


def _names(path: Path) -> set[str]:
    if _told_members(path) > _MOST_MEMBERS:
        raise Unreadable(file="the file", reason="an archive of too many files", code="bomb")
    try:
        with zipfile.ZipFile(path) as parts:
            return set(parts.namelist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Unreadable(file="the file", reason=f"a broken archive ({error})") from error


def _mimetype(path: Path) -> str:
    """What an OpenDocument file says of itself; empty for another."""
    with zipfile.ZipFile(path) as parts:
        try:
            return parts.open("mimetype").read(100).decode("ascii", "replace")
        except (KeyError, zipfile.BadZipFile, RuntimeError):
            return ""


def _told_members(path: Path) -> int:
    """From the directory's last record: before its entries are taken into memory."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _DIRECTORY_TAIL, 0))
        tail = file.read()
    end = tail.rfind(_DIRECTORY_END)
    return int.from_bytes(tail[end + 10 : end + 12], "little") if end >= 0 else 0


def _legacy(path: Path) -> Unreadable:
    with path.open("rb") as file:
        start = file.read(256 * 1024)
    if _LOCKED in start:
        return Unreadable(file="the file", reason="it is locked with a password", code="locked")
    reason = "it is in an old Office format; save it as DOCX or PDF and upload that"
    return Unreadable(file="the file", reason=reason, code="legacy_office")
