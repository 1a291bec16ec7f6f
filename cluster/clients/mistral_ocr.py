"""Mistral's OCR: the picture of a page goes there, its text in Markdown comes back.

https://docs.mistral.ai/api/ (`POST /v1/ocr`): `pages[] {index, markdown, images[], dimensions,
confidence_scores}`.
"""

import asyncio
import random
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

import httpx
from pydantic import BaseModel, Field, ValidationError

from cluster.settings_ocr import OcrSettings
from domain.breaker import Breaker, Patience
from domain.errors import Invalid, Unavailable

SERVICE = "Mistral OCR"
PATIENCE = Patience(failures=3, first_s=5.0, longest_s=300.0)
TRIES = 3
MAX_BYTES = 8 * 1024 * 1024
"""Of an answer, which is one page's text."""
_PASSING = frozenset({408, 409, 425, 429})

Sleep = Callable[[float], Awaitable[None]]


class _Confidence(BaseModel):
    average_page_confidence_score: Annotated[float, Field(ge=0, le=1)] | None = None


class _Page(BaseModel):
    markdown: str = Field(max_length=1_000_000)
    confidence_scores: _Confidence | None = None


class _Answer(BaseModel):
    """What else it tells is not looked at."""

    pages: list[_Page] = Field(min_length=1, max_length=1)


@dataclass(frozen=True, slots=True)
class Recognised:
    """`confidence` goes from 0 to 1; None where nothing was told."""

    markdown: str
    confidence: float | None


class _TryAgain(Exception):
    """It may pass."""


class MistralOcr:
    """Of one process. Sends what it is given: who calls it has looked at the consent."""

    def __init__(
        self,
        settings: OcrSettings,
        http: httpx.AsyncClient,
        sleep: Sleep = asyncio.sleep,
        breaker: Breaker | None = None,
    ) -> None:
        self._settings = settings
        self._http = http
        self._sleep = sleep
        self._breaker = breaker or Breaker(SERVICE, PATIENCE)

    async def recognise(self, png: bytes) -> Recognised:
        """Raises `Unavailable`, and `Invalid` where it refuses the picture for good.

        Repeating it costs again.
        """
        with self._breaker.call():
            for tries_left in range(TRIES - 1, -1, -1):
                try:
                    return await self._once(png)
                except _TryAgain as error:
                    if not tries_left:
                        raise Unavailable(service=SERVICE, reason=str(error)) from None
                    pause_s = random.uniform(0.5, 1.0) * 2 ** (TRIES - 1 - tries_left)  # noqa: S311
                    await self._sleep(pause_s)
        raise AssertionError("unreachable")

    async def _once(self, png: bytes) -> Recognised:
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                status, content = await self._ask(png)
        except TimeoutError:
            raise _TryAgain(f"no answer within {self._settings.timeout_s:g} s") from None
        except httpx.HTTPError as error:
            raise _TryAgain(type(error).__name__) from None
        if status >= 500 or status in _PASSING:
            raise _TryAgain(f"it answered {status}")
        if status in {401, 403}:
            raise Unavailable(service=SERVICE, reason=f"it refuses the hub's key ({status})")
        if status != 200:
            raise Invalid(what="the page's picture", reason=f"{SERVICE} answered {status}")
        return _read(content)

    async def _ask(self, png: bytes) -> tuple[int, bytes]:
        """Redirects are not followed: they would carry the page elsewhere."""
        picture = f"data:image/png;base64,{b64encode(png).decode()}"
        request = {
            "model": self._settings.mistral_model,
            "document": {"type": "image_url", "image_url": picture},
            "include_image_base64": False,
            "confidence_scores_granularity": "page",
        }
        key = self._settings.mistral_api_key.get_secret_value()
        async with self._http.stream(
            "POST",
            f"{self._settings.mistral_url}/v1/ocr",
            json=request,
            headers={"Authorization": f"Bearer {key}"},
            follow_redirects=False,
            timeout=self._settings.timeout_s,
        ) as response:
            content = bytearray()
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > MAX_BYTES:
                    raise Unavailable(service=SERVICE, reason="an answer of unheard-of length")
            return response.status_code, bytes(content)


def _read(content: bytes) -> Recognised:
    """What is wrong with it is not repeated: it may hold the page."""
    try:
        [page] = _Answer.model_validate_json(content).pages
    except ValidationError:
        raise Unavailable(service=SERVICE, reason="its answer is not what it promises") from None
    scores = page.confidence_scores
    return Recognised(page.markdown, scores.average_page_confidence_score if scores else None)
