"""The application `ai`: vectors of texts over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Annotated

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field

from deployments.middleware import Limit
from deployments.problems import render_error, render_invalid
from domain.errors import HubError, Unavailable
from domain.ports import Embedder
from domain.vectors import Vector

MOST_TEXTS = 64
"""Of one request, and about as many of all requests that are computed together."""
MOST_WAITING = 512
BODY_BYTES = 1024 * 1024

Text = Annotated[str, Field(max_length=8_000)]


class EmbeddingsRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    texts: tuple[Text, ...] = Field(min_length=1, max_length=MOST_TEXTS)


class EmbeddingsResponse(BaseModel):
    model: str
    vectors: list[Vector]


@dataclass(frozen=True, slots=True)
class _Asked:
    texts: Sequence[str]
    answer: "asyncio.Future[list[Vector]]"


class Batcher:
    """Computes for everybody who waits at once: while one batch computes, the next gathers."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._waiting: list[_Asked] = []
        self._some = asyncio.Event()

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Raises `Unavailable` where too many wait already."""
        if sum(len(asked.texts) for asked in self._waiting) + len(texts) > MOST_WAITING:
            raise Unavailable(service="ai", reason=f"more than {MOST_WAITING} texts wait")
        asked = _Asked(texts, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        self._some.set()
        return await asked.answer

    async def run(self) -> None:
        """Until cancelled. The model computes beside the loop, one batch at a time."""
        while True:
            await self._some.wait()
            batch = self._next()
            texts = [text for asked in batch for text in asked.texts]
            try:
                vectors = await asyncio.to_thread(self._embedder.embed, texts)
            except Exception as error:  # noqa: BLE001 - told to those who asked
                _refuse(batch, error)
            else:
                _answer(batch, vectors)

    def _next(self) -> list[_Asked]:
        """Whom it can serve together, first come first served; not those who gave up."""
        batch: list[_Asked] = []
        size = 0
        while self._waiting and (not batch or size + len(self._waiting[0].texts) <= MOST_TEXTS):
            asked = self._waiting.pop(0)
            if not asked.answer.done():
                batch.append(asked)
                size += len(asked.texts)
        if not self._waiting:
            self._some.clear()
        return batch


def build_ai(load: Callable[[], Embedder], model: str) -> FastAPI:
    """Loads the model when the application starts, beside the loop: seconds."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        batcher = app.state.batcher = Batcher(await asyncio.to_thread(load))
        running = asyncio.create_task(batcher.run())
        yield
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    app = FastAPI(title="MedContractHub AI", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.model = model
    app.exception_handler(HubError)(render_error)
    app.exception_handler(RequestValidationError)(render_invalid)
    app.add_middleware(Limit, max_body_bytes=BODY_BYTES)
    app.post("/v1/embeddings")(embeddings)
    app.get("/health")(health)
    return app


async def embeddings(asked: EmbeddingsRequest, request: Request) -> EmbeddingsResponse:
    """One vector a text, of length one, in the order of the texts."""
    vectors = await request.app.state.batcher.embed(asked.texts)
    return EmbeddingsResponse(model=request.app.state.model, vectors=vectors)


async def health(request: Request) -> dict[str, str]:
    """Answers once the model is loaded."""
    return {"state": "up", "detail": request.app.state.model}


def _answer(batch: Sequence[_Asked], vectors: Sequence[Vector]) -> None:
    start = 0
    for asked in batch:
        end = start + len(asked.texts)
        if not asked.answer.done():
            asked.answer.set_result(list(vectors[start:end]))
        start = end


def _refuse(batch: Sequence[_Asked], error: Exception) -> None:
    for asked in batch:
        if not asked.answer.done():
            asked.answer.set_exception(error)
