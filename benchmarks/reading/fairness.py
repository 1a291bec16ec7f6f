"""Two pages of one tenant: how long they take alone, and while another's 500 are being read.

From the upload's event to the document's end, in a pool of two processes over a real Postgres. The
500 pages are of text in one case, and pictures, a second or more each, in the other.
"""

import asyncio
import io
import statistics
import time
from contextlib import ExitStack
from typing import Any
from uuid import UUID, uuid4

import pymupdf
from PIL import Image, ImageDraw, ImageFont

from benchmarks.harness import Comparison, compare_figures
from benchmarks.places import a_postgres
from benchmarks.reading.house import House, open_house
from cluster.stores.blob_store import memory_blob_store
from domain.document import CancelReading
from tests.documents import TENANT, command_document
from tests.postgres import Server

LARGE, SMALL = 500, 2
_OTHER = UUID(int=2)
_UNDER_WAY_AT = {"text": 40, "pictures": 4}
"""Pages of the large one that are read when the small one comes."""
_TEXT = "The Contractor shall deliver nitrile gloves and shall keep a record of each delivery."
_GOAL = 0.2
_WAITS = (
    "a process finishes the page in hand and at most five seconds of its row before it takes"
    " another tenant's, and then opens that tenant's file in a new process"
)


def run(*, short: bool) -> list[Comparison]:
    rounds = 3 if short else 7
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        server = stack.enter_context(a_postgres(runner))
        return [_compare(runner, server, kind, rounds) for kind in ("text", "pictures")]


def _compare(runner: asyncio.Runner, server: Server, kind: str, rounds: int) -> Comparison:
    small, large = _document(SMALL, "text"), _document(LARGE, kind)
    alone, beside = list[float](), list[float]()
    for _ in range(rounds):
        alone.append(runner.run(_alone(server, small)))
        beside.append(runner.run(_beside(server, small, large, kind)))
    told = f"alone {_range(alone)}, beside them {_range(beside)}"
    print(f"{SMALL} pages and another tenant's {LARGE} of {kind}: {told}")
    return compare_figures(
        f"{SMALL} pages while another tenant's {LARGE} of {kind} are read",
        ("beside them", beside),
        ("alone", alone),
        goal=_GOAL,
        unit="s",
        note=_WAITS,
    )


async def _alone(server: Server, small: bytes) -> float:
    async with open_house(server.settings, memory_blob_store()) as house:
        return await _time(house, small)


async def _beside(server: Server, small: bytes, large: bytes, kind: str) -> float:
    async with open_house(server.settings, memory_blob_store()) as house:
        document_id = await house.upload(_anew(large), "large.pdf", _OTHER)
        await house.begin(document_id, _OTHER)
        while True:
            row = await house.desk.documents.get(_OTHER, document_id)
            if row.pages_done >= _UNDER_WAY_AT[kind]:
                break
            await asyncio.sleep(0.02)
        took_s = await _time(house, small)
        row = await house.desk.documents.get(_OTHER, document_id)
        assert row.state == "reading", "the large one was over too early to be in the way"
        await command_document(house.app, document_id, CancelReading(), _OTHER)
        await house.begin(document_id, _OTHER)
        return took_s


async def _time(house: House, small: bytes) -> float:
    document_id = await house.upload(_anew(small), "small.pdf", TENANT)
    began = time.perf_counter()
    await house.begin(document_id, TENANT)
    row = await house.until_over(document_id, TENANT)
    assert (row.state, row.pages_done) == ("processed", SMALL)
    return time.perf_counter() - began


def _anew(content: bytes) -> bytes:
    return content + f"%{uuid4()}\n%%EOF\n".encode()


def _document(pages: int, kind: str) -> bytes:
    """Of text, 40 lines a page; or of pictures of such pages, at 150 dpi."""
    picture = _picture() if kind == "pictures" else b""
    with pymupdf.open() as document:  # type: ignore[no-untyped-call]
        shared = 0
        for number in range(1, pages + 1):
            sheet: Any = document.new_page(width=612, height=792)
            if picture:
                shared = sheet.insert_image(sheet.rect, stream=picture, xref=shared)
            else:
                for line in range(40):
                    sheet.insert_text((72, 60 + 17 * line), f"{number}.{line} {_TEXT}", fontsize=10)
        content: bytes = document.tobytes(garbage=1)
        return content


def _picture() -> bytes:
    font = ImageFont.load_default(21)
    picture = Image.new("L", (1275, 1650), 250)
    draw = ImageDraw.Draw(picture)
    for line in range(40):
        draw.text((130, 100 + 36 * line), f"{line}. {_TEXT}", 10, font=font)
    content = io.BytesIO()
    picture.save(content, "PNG", dpi=(150, 150))
    return content.getvalue()


def _range(figures: list[float]) -> str:
    return f"{statistics.median(figures):.2f} s ({min(figures):.2f} to {max(figures):.2f})"
