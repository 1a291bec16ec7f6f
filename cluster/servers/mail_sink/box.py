"""Mails in a folder: kept by the sink, read by a page."""

import os
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path

from domain.errors import NotFound

KEPT = 500
_NAME = re.compile(r"\d{19}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class SunkMail:
    """One mail as its reader would have it. `links` are the addresses in its text."""

    mail_id: str
    at: datetime
    to: str
    subject: str
    text: str
    links: tuple[str, ...]


class MailBox:
    """The newest `KEPT` mails. Blocks for as long as files take."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Returns the mail's id. No reader sees half of it."""
        mail_id = f"{time.time_ns():019d}-{secrets.token_hex(4)}"
        fresh = self._folder / f".{mail_id}"
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:  # noqa: PTH123
            out.write(content)
        fresh.rename(self._folder / f"{mail_id}.eml")
        for old in self._ids()[KEPT:]:
            (self._folder / f"{old}.eml").unlink(missing_ok=True)
        return mail_id

    def newest(self, limit: int) -> Sequence[SunkMail]:
        return [self.get(mail_id) for mail_id in self._ids()[:limit]]

    def get(self, mail_id: str) -> SunkMail:
        """Raises `NotFound`."""
        file = self._folder / f"{mail_id}.eml"
        if not _NAME.fullmatch(mail_id) or not file.is_file():
            raise NotFound(what="mail", key=mail_id)
        return _read(mail_id, file.read_bytes())

    def forget(self, address: str) -> int:
        """Every mail to it, or that tells it. Returns how many there were."""
        known = [self.get(mail_id) for mail_id in self._ids()]
        theirs = [it for it in known if address in f"{it.to}\n{it.subject}\n{it.text}".lower()]
        for mail in theirs:
            (self._folder / f"{mail.mail_id}.eml").unlink(missing_ok=True)
        return len(theirs)

    def _ids(self) -> list[str]:
        """The newest first."""
        found = [file.stem for file in self._folder.glob("*.eml") if _NAME.fullmatch(file.stem)]
        return sorted(found, reverse=True)


def _read(mail_id: str, content: bytes) -> SunkMail:
    message = BytesParser(policy=policy.default).parsebytes(content)
    body = message.get_body(("plain", "html"))
    text: str = body.get_content() if body else ""
    return SunkMail(
        mail_id=mail_id,
        at=datetime.fromtimestamp(int(mail_id.partition("-")[0]) / 1e9, UTC),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=text,
        links=tuple(dict.fromkeys(re.findall(r"https?://[^\s<>\"']+", text))),
    )
