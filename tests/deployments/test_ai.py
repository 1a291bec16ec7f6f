import asyncio
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from cluster.clients.embedding import HttpTextEmbedding, ai_url
from cluster.settings import EmbedderSettings, Settings
from cluster.stores.cache import MemoryCache
from deployments.ai import MOST_TEXTS, MOST_WAITING, Batcher, build_ai
from domain.errors import Unavailable
from domain.ports import Embedder
from domain.vectors import Vector
from tests.embedding import HashEmbedder


@asynccontextmanager
async def served(embedder: Embedder) -> AsyncIterator[httpx.AsyncClient]:
    app = build_ai(lambda: embedder, "toy")
    async with app.router.lifespan_context(app), _client(app) as client:
        yield client


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")


async def test_texts_become_vectors_in_their_order() -> None:
    embedder = HashEmbedder()
    async with served(embedder) as client:
        answer = await client.post("/v1/embeddings", json={"texts": ["b", "a", "b"]})
    assert answer.json() == {"model": "toy", "vectors": embedder.embed(["b", "a", "b"])}


@pytest.mark.parametrize(
    "body",
    [{}, {"texts": []}, {"texts": ["a"] * (MOST_TEXTS + 1)}, {"texts": ["a" * 8_001]}, {"text": 1}],
)
async def test_what_is_no_bounded_list_of_texts_is_refused(body: dict[str, object]) -> None:
    async with served(HashEmbedder()) as client:
        answer = await client.post("/v1/embeddings", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_beyond_the_bound_is_refused() -> None:
    async with served(HashEmbedder()) as client:
        answer = await client.post("/v1/embeddings", content=b" " * (1024 * 1024 + 1))
    assert answer.status_code == 413


async def test_health_answers_once_the_model_is_loaded() -> None:
    async with served(HashEmbedder()) as client:
        assert (await client.get("/health")).json() == {"state": "up", "detail": "toy"}


class Slow(HashEmbedder):
    """Notes how many texts came in each call, and on which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[int] = []
        self.threads: set[int] = set()

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        self.calls.append(len(texts))
        self.threads.add(threading.get_ident())
        time.sleep(0.05)
        return super().embed(texts)


async def test_who_waits_while_it_computes_is_served_together_beside_the_loop() -> None:
    embedder = Slow()
    async with served(embedder) as client:
        posts = [client.post("/v1/embeddings", json={"texts": [f"t{n}"]}) for n in range(9)]
        answers = await asyncio.gather(*posts)
    vectors = [answer.json()["vectors"][0] for answer in answers]
    assert vectors == HashEmbedder().embed([f"t{n}" for n in range(9)])
    assert len(embedder.calls) <= 3
    assert threading.get_ident() not in embedder.threads


async def test_no_batch_is_larger_than_its_bound() -> None:
    embedder = Slow()
    async with served(embedder) as client:
        texts = {"texts": ["a"] * (MOST_TEXTS - 1)}
        await asyncio.gather(*(client.post("/v1/embeddings", json=texts) for _ in range(3)))
    assert embedder.calls == [MOST_TEXTS - 1] * 3


async def test_too_many_waiting_is_told_at_once() -> None:
    batcher = Batcher(HashEmbedder())  # Nothing runs it, so everybody waits.
    waiting = asyncio.create_task(batcher.embed(["a"] * MOST_WAITING))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="wait"):
        await batcher.embed(["a"])
    waiting.cancel()


async def test_a_model_that_fails_fails_those_who_asked_and_works_on() -> None:
    class Moody(HashEmbedder):
        def embed(self, texts: Sequence[str]) -> list[Vector]:
            if "bad" in texts:
                raise RuntimeError("out of memory")
            return super().embed(texts)

    batcher = Batcher(Moody())
    running = asyncio.create_task(batcher.run())
    with pytest.raises(RuntimeError, match="memory"):
        await batcher.embed(["bad"])
    assert await batcher.embed(["good"]) == HashEmbedder().embed(["good"])
    running.cancel()


async def test_the_client_asks_once_for_what_it_remembers() -> None:
    embedder = HashEmbedder()
    async with served(embedder) as client:
        remote = HttpTextEmbedding(client, MemoryCache(), "toy")
        first = await remote.embed(["a", "b", "a"])
        again = await remote.embed(["b", "c"])
    assert embedder.asked == ["a", "b", "c"]
    assert first == [pytest.approx(vector) for vector in HashEmbedder().embed(["a", "b", "a"])]
    assert again[0] == pytest.approx(first[1])


async def test_the_client_splits_what_is_too_much_for_one_request() -> None:
    async with served(HashEmbedder()) as client:
        texts = [f"t{n}" for n in range(MOST_TEXTS * 2 + 1)]
        vectors = await HttpTextEmbedding(client, MemoryCache(), "toy").embed(texts)
    assert vectors == HashEmbedder().embed(texts)


async def test_a_cache_that_is_away_does_not_matter() -> None:
    class Away(MemoryCache):
        async def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
            raise Unavailable(service="redis", reason="away")

        async def put_many(self, values: object, *, ttl_s: float) -> None:
            raise Unavailable(service="redis", reason="away")

    async with served(HashEmbedder()) as client:
        vectors = await HttpTextEmbedding(client, Away(), "toy").embed(["a"])
    assert vectors == HashEmbedder().embed(["a"])


@pytest.mark.parametrize("status", [404, 500, 503])
async def test_an_application_that_cannot_answer_is_unavailable(status: int) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(status))
    async with httpx.AsyncClient(transport=transport, base_url="http://ai") as client:
        with pytest.raises(Unavailable, match="ai"):
            await HttpTextEmbedding(client, MemoryCache(), "toy").embed(["a"])


async def test_an_application_that_is_away_is_unavailable() -> None:
    async with httpx.AsyncClient(base_url="http://127.0.0.1:1") as client:
        with pytest.raises(Unavailable, match="ai"):
            await HttpTextEmbedding(client, MemoryCache(), "toy").embed(["a"])


def test_the_application_is_at_the_hub_unless_told() -> None:
    assert ai_url(Settings(port=9001)) == "http://127.0.0.1:9001/ai"
    elsewhere = Settings(embedder=EmbedderSettings(url="https://ai.example"))
    assert ai_url(elsewhere) == "https://ai.example"
