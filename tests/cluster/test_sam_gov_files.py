"""Attachments fetched from the sandbox, which sends on to them as SAM.gov does."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from cluster.clients.public_only import PublicOnly
from cluster.clients.sam_gov_attempts import PATIENCE, TRIES, Attempts
from cluster.clients.sam_gov_files import Most, SamGovFiles
from cluster.engines.sniff import media_type_of
from cluster.servers.sam_gov_sandbox.app import Sandbox, build_sandbox
from cluster.servers.sam_gov_sandbox.moods import Mood
from cluster.servers.sam_gov_sandbox.rendering import file_link
from cluster.settings import SamGovSettings
from cluster.stores.api_quota import MemoryApiQuota
from domain.document import MAX_DOCUMENT_BYTES
from domain.errors import (
    Forbidden,
    HubError,
    Invalid,
    NotFound,
    QuotaExceeded,
    Unavailable,
    Unreadable,
)
from tests.sandboxes import NOW, shelf_of

BASE = "http://sandbox"
LINK = file_link("a1")


async def pause(seconds: float) -> None: ...


async def resolve(host: str, port: int) -> Sequence[str]:
    return ["10.0.0.5"] if host == "inside.example" else ["93.184.215.14"]


@asynccontextmanager
async def files_of(
    transport: httpx.AsyncBaseTransport,
    *,
    quota: MemoryApiQuota | None = None,
    key: str = "",
    most: Most | None = None,
) -> AsyncIterator[SamGovFiles]:
    settings = SamGovSettings(base_url=BASE, api_key=SecretStr(key))
    attempts = Attempts(quota or MemoryApiQuota(100, lambda: NOW), pause)
    async with httpx.AsyncClient(transport=PublicOnly(transport, BASE, resolve)) as http:
        yield SamGovFiles(http, settings, attempts, most)


def sandbox(mood: Mood | None = None) -> httpx.ASGITransport:
    app: Starlette = build_sandbox(Sandbox(shelf_of(), None, mood), new_every_s=0)
    return httpx.ASGITransport(app)


def answering(*answers: httpx.Response) -> tuple[httpx.MockTransport, list[httpx.Request]]:
    """The last answer again and again."""
    left, asked = list(answers), list[httpx.Request]()

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return left.pop(0) if len(left) > 1 else left[0]

    return httpx.MockTransport(answer), asked


async def test_a_file_comes_with_its_name_and_can_be_read(tmp_path: Path) -> None:
    path, kinds = tmp_path / "file", set()
    async with files_of(sandbox()) as files:
        for number in range(12):
            fetched = await files.fetch(file_link(f"a{number}"), path)
            assert fetched.size_bytes == path.stat().st_size > 500
            kinds.add((fetched.name.rpartition(".")[2], media_type_of(path).rpartition(".")[2]))
    assert ("pdf", "application/pdf") in kinds
    assert len(kinds) == 4


async def test_it_costs_one_call_of_quota_and_none_once_that_is_spent(tmp_path: Path) -> None:
    quota = MemoryApiQuota(1, lambda: NOW)
    async with files_of(sandbox(), quota=quota) as files:
        await files.fetch(LINK, tmp_path / "file")
        with pytest.raises(QuotaExceeded):
            await files.fetch(LINK, tmp_path / "file")


async def test_the_apis_word_about_its_quota_is_obeyed(tmp_path: Path) -> None:
    quota = MemoryApiQuota(100)
    async with files_of(sandbox(Mood(quota_left=0)), quota=quota) as files:
        with pytest.raises(QuotaExceeded):
            await files.fetch(LINK, tmp_path / "file")
    assert await quota.left() == 0


@pytest.mark.parametrize("failure", ["500", "503", "html", "garbage"])
async def test_what_passes_is_tried_again_and_never_taken_for_a_file(
    failure: str, tmp_path: Path
) -> None:
    mood = Mood.model_validate({"fail_next": 2, "fail_with": failure})
    async with files_of(sandbox(mood)) as files:
        fetched = await files.fetch(LINK, tmp_path / "file")
    assert fetched.size_bytes == (tmp_path / "file").stat().st_size


async def test_an_outage_is_told_and_then_nobody_is_asked_for_a_while(tmp_path: Path) -> None:
    quota = MemoryApiQuota(100, lambda: NOW)
    async with files_of(sandbox(Mood(fail_next=99)), quota=quota) as files:
        for _ in range(PATIENCE.failures + 2):
            with pytest.raises(Unavailable):
                await files.fetch(LINK, tmp_path / "file")
    assert await quota.left() == 100 - PATIENCE.failures * TRIES


@pytest.mark.parametrize(
    "where",
    [
        *(
            "http://169.254.169.254/latest/meta-data",
            "http://127.0.0.1:5432/",
            "file:///etc/passwd",
        ),
        *(
            "https://inside.example/a",
            "https://x:y@sandbox/a",
            "gopher://sandbox/a",
            "http://[::1]/",
        ),
    ],
)
async def test_it_is_not_sent_on_to_an_address_inside(where: str, tmp_path: Path) -> None:
    async with files_of(sandbox(Mood(files_lead_to=where))) as files:
        with pytest.raises(Invalid, match="link"):
            await files.fetch(LINK, tmp_path / "file")
    assert not (tmp_path / "file").exists()


async def test_it_is_not_sent_on_for_ever(tmp_path: Path) -> None:
    transport, asked = answering(httpx.Response(303, headers={"Location": "/again"}))
    async with files_of(transport) as files:
        with pytest.raises(Invalid, match="sent on"):
            await files.fetch(LINK, tmp_path / "file")
    assert len(asked) == 6


async def test_the_key_goes_to_sam_gov_and_no_further(tmp_path: Path) -> None:
    away = httpx.Response(303, headers={"Location": "https://files.example/a?signature=x"})
    transport, asked = answering(away, httpx.Response(200, content=b"words"))
    async with files_of(transport, key="k-secret") as files:
        fetched = await files.fetch(LINK, tmp_path / "file")
    assert ["k-secret" in str(request.url) for request in asked] == [True, False]
    assert (fetched.name, (tmp_path / "file").read_bytes()) == ("a", b"words")


Cases = dict[str, tuple[httpx.Response, type[HubError]]]
CASES: Cases = {
    "gone": (httpx.Response(404), NotFound),
    "for those who signed in": (httpx.Response(403), Forbidden),
    "announced as too large": (
        httpx.Response(200, headers={"Content-Length": str(MAX_DOCUMENT_BYTES + 1)}),
        Unreadable,
    ),
    "cut off": (
        httpx.Response(200, headers={"Content-Length": "9"}, content=b"five!"),
        Unavailable,
    ),
    "nonsense": (httpx.Response(302, headers={"Location": "http://[nonsense"}), Invalid),
}


@pytest.mark.parametrize("name", CASES)
async def test_what_brings_no_file_says_why(name: str, tmp_path: Path) -> None:
    answer, error = CASES[name]
    transport, _ = answering(answer)
    async with files_of(transport) as files:
        with pytest.raises(error):
            await files.fetch(LINK, tmp_path / "file")


async def test_more_than_we_take_is_not_taken_whatever_was_announced(
    tmp_path: Path,
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 300

    transport, _ = answering(httpx.Response(200, content=endless()))
    async with files_of(transport, most=Most(size_bytes=1_000)) as files:
        with pytest.raises(Unreadable, match="at most"):
            await files.fetch(LINK, tmp_path / "file")
    assert (tmp_path / "file").stat().st_size <= 1_000


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (f"attachment; filename*=UTF-8''{quote('SOW § 3.pdf')}", "SOW § 3.pdf"),
        ('attachment; filename="a b.docx"', "a b.docx"),
        ("", "download"),
    ],
)
async def test_its_name_is_as_the_sender_spells_it(header: str, name: str, tmp_path: Path) -> None:
    headers = {"Content-Disposition": header} if header else {}
    transport, _ = answering(httpx.Response(200, headers=headers, content=b"words"))
    async with files_of(transport) as files:
        assert (await files.fetch(LINK, tmp_path / "file")).name == name
