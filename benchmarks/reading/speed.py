"""Scans, a mixed corpus and born-digital text, beside OCRmyPDF, PyMuPDF alone and pypdfium2.

Both sides get the same files. Ours are uploaded and read by the hub's pool of two processes, over
a real Postgres, from the first byte read to the last document closed, with boxes, tables and marks;
OCRmyPDF does one file after the other with two jobs.
"""

import asyncio
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pymupdf
import pypdfium2

from benchmarks.harness import Comparison, Side, compare, compare_figures, of_package
from benchmarks.places import a_postgres
from benchmarks.reading.house import open_house
from benchmarks.reading.ocrmypdf import read_by_ocrmypdf
from benchmarks.reading.scans import overlap
from cluster.engines.reading.pdf import open_pdf, read_page
from cluster.stores.blob_store import memory_blob_store
from domain.pages import Page
from tests.postgres import Server

DATA = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
_DIGITAL_SHARE = 0.7
_LEAST_WORDS = 30
_REPEATED = 6
"""Times that born-digital pages are read in a round."""

_PAGES_MISSED = (
    "every scanned page is recognised by both sides, and a born-digital one costs OCRmyPDF next to"
    " nothing with --skip-text: the ratio is that of the scans"
)
_BARE_MISSED = (
    "a process does more than the loop: PyMuPDF's own share for words, styles and drawings is"
    " twice the loop's, the rest is objects for each word, lines, tables and marks"
)


@dataclass(frozen=True, slots=True)
class Bench:
    runner: asyncio.Runner
    server: Server
    folder: Path

    def ours(self, paths: Sequence[Path]) -> list[list[Page]]:
        """Each time as new documents: a comment at its end makes a file another one."""
        contents = [path.read_bytes() + f"%{uuid4()}\n%%EOF\n".encode() for path in paths]
        return self.runner.run(self._read(contents))

    def theirs(self, paths: Sequence[Path]) -> list[list[str]]:
        return read_by_ocrmypdf(paths, self.folder)

    async def _read(self, contents: Sequence[bytes]) -> list[list[Page]]:
        async with open_house(self.server.settings, memory_blob_store()) as house:
            return await house.read(contents)


def run(*, short: bool) -> list[Comparison]:
    rounds = 3 if short else 5
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        server = stack.enter_context(a_postgres(runner))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bench = Bench(runner, server, folder)
        scans = sorted((DATA / "ocr").glob("*.pdf"))
        return [
            *_errors(bench, scans),
            _beside_ocrmypdf(bench, "scans", scans, goal=2, rounds=rounds),
            _beside_ocrmypdf(
                bench,
                "pages, 70 % of them born digital",
                [*scans, *_digital(scans, folder)],
                goal=5,
                rounds=rounds,
                note=_PAGES_MISSED,
            ),
            *_born_digital(rounds),
        ]


def _errors(bench: Bench, scans: Sequence[Path]) -> list[Comparison]:
    """Of pages whose text is known: the share of words missed and of words that are not there."""
    mine = {path: [page.text for page in pages]
            for path, pages in zip(scans, bench.ours(scans), strict=True)}  # fmt: skip
    theirs = dict(zip(scans, bench.theirs(scans), strict=True))
    truths = [(path, at, truth) for path in scans for at, truth in _truths(path)]

    def error(found: dict[Path, list[str]]) -> float:
        scored = [overlap(truth, found[path][at]) for path, at, truth in truths]
        return 1 - sum(recall + precision for recall, precision in scored) / (2 * len(scored))

    peer = f"OCRmyPDF {of_package('ocrmypdf')}"
    sides = ("reading pool", [error(mine)]), (peer, [error(theirs)])
    return [compare_figures("word error of scans", *sides, goal=1, unit="of words")]


def _truths(scan: Path) -> list[tuple[int, str]]:
    """Pages counted from 0. Only where every page of the file has one."""
    stem = scan.stem.removesuffix("_scan")
    found = sorted(scan.parent.glob(f"{stem}_p*.truth.txt")) or [scan.parent / f"{stem}.gold.txt"]
    with open_pdf(scan) as document:
        if document.page_count != len(found):
            return []
    return list(enumerate(path.read_text(encoding="utf-8") for path in found))


def _beside_ocrmypdf(
    bench: Bench, what: str, paths: Sequence[Path], *, goal: float, rounds: int, note: str = ""
) -> Comparison:
    ours = Side("reading pool", "2 processes", lambda: bench.ours(paths))
    theirs = Side("OCRmyPDF", of_package("ocrmypdf"), lambda: bench.theirs(paths))
    total = sum(_pages(path) for path in paths)
    return compare(f"read {total} {what}", ours, theirs, goal=goal, rounds=rounds, note=note)


def _digital(scans: Sequence[Path], folder: Path) -> list[Path]:
    """Files of ten pages each, of real ones with text, as many as make up seven tenths."""
    wanted = round(sum(_pages(path) for path in scans) * _DIGITAL_SHARE / (1 - _DIGITAL_SHARE))
    made: list[Path] = []
    with _opened(_sources()[-1]) as source:
        worded = [page.number for page in source if len(page.get_text("words")) >= _LEAST_WORDS]
        for first in range(0, wanted, 10):
            made.append(folder / f"digital-{first}.pdf")
            with _opened() as document:
                for number in worded[first : min(first + 10, wanted)]:
                    document.insert_pdf(source, from_page=number, to_page=number)
                document.save(made[-1], garbage=3)
    return made


def _sources() -> list[Path]:
    """The longest last."""
    return sorted((DATA / "documents").glob("*.pdf"), key=_pages)


def _born_digital(rounds: int) -> list[Comparison]:
    """In one process and one thread each: so a ratio is of work, not of processors."""
    paths = _sources()
    pages = sum(_pages(path) for path in paths)
    bare = Side("PyMuPDF's words alone", of_package("pymupdf"), _repeated(_words, paths))
    mine = Side("text with places, tables, marks", "read_page", _repeated(_ours, paths))
    others = Side("pypdfium2's text alone", of_package("pypdfium2"), _repeated(_pdfium, paths))
    what = f"{pages} born-digital pages"
    note = _BARE_MISSED
    return [
        compare(f"{what} beside a bare loop", mine, bare, goal=0.85, rounds=rounds, note=note),
        compare(f"{what} beside pypdfium2", mine, others, goal=0, rounds=rounds),
    ]


def _repeated(read: Callable[[Path], int], paths: Sequence[Path]) -> Callable[[], int]:
    return lambda: sum(read(path) for path in paths for _ in range(_REPEATED))


def _ours(path: Path) -> int:
    with open_pdf(path) as document:
        return sum(len(read_page(page).lines) for page in document)


def _words(path: Path) -> int:
    with _opened(path) as document:
        return sum(len(page.get_text("words")) for page in document)


def _pdfium(path: Path) -> int:
    document = pypdfium2.PdfDocument(path)
    try:
        return sum(len(page.get_textpage().get_text_range()) for page in document)
    finally:
        document.close()


def _pages(path: Path) -> int:
    with _opened(path) as document:
        count: int = document.page_count
        return count


def _opened(path: Path | None = None) -> Any:
    return pymupdf.open(path)  # type: ignore[no-untyped-call]
