"""Consent of a company before any of its text leaves for somebody else's machine."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from domain.errors import Forbidden
from domain.events import Event


class Purpose(StrEnum):
    """What somebody else would do with it: recognise pages, or answer as a language model."""

    OCR = "ocr"
    MODEL = "model"


PROVIDERS: Mapping[Purpose, str] = {Purpose.OCR: "Mistral", Purpose.MODEL: "Mistral"}
"""Who would do it. Consent is to one of them by name: whoever comes in its place asks anew."""


class ConsentChanged(Event):
    """To `provider`, by name, and to nobody else. `by` is a person's id, or `local`."""

    type: Literal["ConsentChanged"] = "ConsentChanged"
    purpose: Purpose
    provider: str
    given: bool
    by: str


def consented(before: Mapping[Purpose, str], event: ConsentChanged) -> Mapping[Purpose, str]:
    """To whom, for each purpose, after the event."""
    others = {each: who for each, who in before.items() if each != event.purpose}
    return others | ({event.purpose: event.provider} if event.given else {})


def permits(consents: Mapping[Purpose, bool], purpose: Purpose) -> bool:
    """Who was never asked has not consented."""
    return consents.get(purpose, False)


def require_consent(consents: Mapping[Purpose, bool], purpose: Purpose) -> None:
    """What sends a company's text out passes here. Raises `Forbidden`, so that a caller that
    forgets to look at a result sends nothing.
    """
    if not permits(consents, purpose):
        what = f"send text to {PROVIDERS[purpose]} ({purpose}): the company has not consented"
        raise Forbidden(who="the hub", what=what)
