"""Matrices as PDF, by MuPDF in a process of its own: it may not be used from several threads."""

import asyncio
import html
import json
import sys
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from domain.errors import Unavailable
from domain.matrix_table import COLUMNS

WITHIN_S = 60.0
_MARGIN = 36
"""In points."""

_KEPT = ("Row", "Section", "Page", "Requirement", "Status", "Assigned to", "Answer", "Note")
_STYLE = """
body { font-family: sans-serif; font-size: 7.5pt; }
h1 { font-size: 13pt; }
table { border-collapse: collapse; width: 100%; }
td, th { border: 0.5pt solid #888888; padding: 2pt; text-align: left; vertical-align: top; }
"""


async def to_pdf(title: str, table: Sequence[tuple[str, ...]]) -> bytes:
    """Raises `Unavailable` where the process fails or takes longer than a minute."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told = json.dumps({"title": title, "table": table}).encode()
    try:
        async with asyncio.timeout(WITHIN_S):
            content, trouble = await process.communicate(told)
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise Unavailable(service="PDF export", reason="it took too long") from error
    if process.returncode:
        raise Unavailable(service="PDF export", reason=trouble.decode(errors="replace")[-300:])
    return content


def main() -> None:
    told = json.load(sys.stdin)
    sys.stdout.buffer.write(_render(told["title"], told["table"]))


def _render(title: str, table: Sequence[Sequence[str]]) -> bytes:
    import pymupdf  # noqa: PLC0415 - only in the process of its own

    content = BytesIO()
    page = pymupdf.paper_rect("letter-l")
    story = pymupdf.Story(_markup(title, table), user_css=_STYLE)  # type: ignore[no-untyped-call]
    writer: Any = pymupdf.DocumentWriter(content)  # type: ignore[no-untyped-call]
    goes_on = 1
    while goes_on:
        device = writer.begin_page(page)
        goes_on, _ = story.place(
            (page.x0 + _MARGIN, page.y0 + _MARGIN, page.x1 - _MARGIN, page.y1 - _MARGIN)
        )  # type: ignore[no-untyped-call]
        story.draw(device)  # type: ignore[no-untyped-call]
        writer.end_page()
    writer.close()
    return content.getvalue()


def _markup(title: str, table: Sequence[Sequence[str]]) -> str:
    chosen = [COLUMNS.index(name) for name in _KEPT]
    head = "".join(f"<th>{name}</th>" for name in _KEPT)
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(row[at])}</td>" for at in chosen) + "</tr>"
        for row in table
    )
    return f"<h1>{html.escape(title)}</h1><table><tr>{head}</tr>{rows}</table>"


if __name__ == "__main__":
    main()
