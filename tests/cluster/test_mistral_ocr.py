"""Mistral's OCR over HTTP: what is sent, what comes back, and every way in which it can fail."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from cluster.clients.mistral_ocr import PATIENCE, TRIES, MistralOcr, Recognised
from cluster.settings_ocr import OcrSettings
from domain.errors import Invalid, Unavailable
from tests.ocr_server import KEY, OcrServer, serving

PNG = b"\x89PNG of a page"


@pytest.fixture
async def server() -> AsyncIterator[OcrServer]:
    async with serving() as found:
        yield found


async def no_sleep(seconds: float) -> None:
    assert seconds > 0


async def recognise(server: OcrServer, timeout_s: float = 5.0) -> Recognised:
    async with httpx.AsyncClient() as http:
        return await MistralOcr(server.settings(timeout_s), http, no_sleep).recognise(PNG)


async def test_a_picture_goes_there_and_its_text_comes_back(server: OcrServer) -> None:
    assert await recognise(server) == Recognised("The contractor shall deliver", 0.97)
    assert server.pictures == [PNG]
    assert server.keys == [f"Bearer {KEY}"]
    [asked] = server.asked
    assert asked["model"] == "mistral-ocr-latest"
    assert asked["document"]["type"] == "image_url"
    assert set(asked) == {
        "model",
        "document",
        "include_image_base64",
        "confidence_scores_granularity",
    }


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_what_may_pass_is_tried_again(server: OcrServer, status: int) -> None:
    server.statuses = [status] * (TRIES - 1)
    assert (await recognise(server)).markdown == server.markdown
    assert len(server.asked) == TRIES


@pytest.mark.parametrize("status", [401, 403])
async def test_a_key_that_is_refused_is_an_outage_and_not_told(
    server: OcrServer, status: int
) -> None:
    server.statuses = [status]
    with pytest.raises(Unavailable, match="key") as refused:
        await recognise(server)
    assert KEY not in str(refused.value)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [307, 400, 413, 422])
async def test_a_refused_picture_is_not_sent_again_nor_elsewhere(
    server: OcrServer, status: int
) -> None:
    server.statuses = [status]
    with pytest.raises(Invalid, match=str(status)):
        await recognise(server)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"pages": []},
        {"pages": [{"index": 0}]},
        {"pages": [{"markdown": 7}]},
        {"pages": [{"markdown": "x"}, {"markdown": "y"}]},
        {"pages": [{"markdown": "x", "confidence_scores": {"average_page_confidence_score": 3}}]},
        ["no"],
    ],
)
async def test_an_answer_of_another_shape_is_an_outage(server: OcrServer, answer: Any) -> None:
    server.answer = answer
    with pytest.raises(Unavailable, match="promises"):
        await recognise(server)


async def test_an_endless_answer_is_cut_off(server: OcrServer) -> None:
    server.markdown = "x" * (9 * 1024 * 1024)
    with pytest.raises(Unavailable, match="length"):
        await recognise(server)


async def test_who_is_too_slow_is_not_waited_for(server: OcrServer) -> None:
    server.pause_s = 5.0
    with pytest.raises(Unavailable, match="no answer within"):
        await recognise(server, timeout_s=0.05)


async def test_who_fails_again_and_again_is_left_alone(server: OcrServer) -> None:
    async with httpx.AsyncClient() as http:
        client = MistralOcr(server.settings(), http, no_sleep)
        for _ in range(PATIENCE.failures):
            server.statuses = [500] * TRIES
            with pytest.raises(Unavailable, match="500"):
                await client.recognise(PNG)
        asked = len(server.asked)
        with pytest.raises(Unavailable, match="not asked"):
            await client.recognise(PNG)
    assert len(server.asked) == asked


def test_no_page_goes_through_the_net_in_clear() -> None:
    with pytest.raises(ValueError, match="https"):
        OcrSettings(mistral_url="http://api.mistral.example")
    assert not OcrSettings().sends
