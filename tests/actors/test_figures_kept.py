"""Figures of a page that is read: cut out of it, and kept in the store."""

import io
from pathlib import Path
from typing import Any

import pymupdf
from PIL import Image

from actors.reading_task import Reading
from domain.errors import ReaderEnded
from domain.pages import Box
from tests.actors.test_process_documents import House, house, pages
from tests.documents import TENANT
from tests.readers import Long

__all__ = ["house"]

MU: Any = pymupdf


async def test_figures_are_cut_out_and_kept(house: House, tmp_path: Path) -> None:
    with MU.open(pages(tmp_path / "a.pdf", 1)) as document:
        picture = io.BytesIO()
        Image.new("RGB", (200, 150), (90, 120, 160)).save(picture, "PNG")
        document[0].insert_image(MU.Rect(72, 200, 272, 350), stream=picture.getvalue())
        document.save(tmp_path / "b.pdf")
    document_id = await house.upload(tmp_path / "b.pdf")
    await house.hear(document_id)
    async with house.pool():
        await house.until_over(document_id)
    [figure] = (await house.pages.read_one(TENANT, document_id, 1)).figures
    content = await house.pages.figure(TENANT, document_id, 1, 1)
    cut = Image.open(io.BytesIO(content))
    assert abs(cut.width - figure.box.width * 150 / 72) < 3
    assert abs(cut.height - figure.box.height * 150 / 72) < 3
    assert cut.getpixel((50, 50)) == (90, 120, 160)


class Shy(Long):
    """Its page has two figures, of which it can cut out one."""

    async def read(self, number: int) -> dict[str, Any]:
        box = {"left": 0, "top": 0, "right": 9, "bottom": 9}
        return {"number": number, "lines": [], "figures": [{"box": box}, {"box": box | {"top": 1}}]}

    async def cut(self, number: int, box: Box) -> bytes:
        if box.top:
            raise ReaderEnded(reason="it ended by SIGKILL", code="crashed")
        return b"PNG"


async def test_a_figure_that_cannot_be_cut_out_costs_no_page(house: House, tmp_path: Path) -> None:
    async def start(path: Path, reading: Reading) -> Shy:
        return Shy(1)

    document_id = await house.upload(pages(tmp_path / "a.pdf", 1))
    await house.hear(document_id)
    async with house.pool(start=start):
        row = await house.until_over(document_id)
    page = await house.pages.read_one(TENANT, document_id, 1)
    assert (row.state, len(page.figures)) == ("processed", 1)
    assert page.warnings == ("1 of its figures left out: it ended by SIGKILL",)
