"""Reads scans whose text is known, and scores words and their places.

python -m benchmarks.reading.scans --scans DIRECTORY

A word counts as found as often as the truth has it, whatever its case; signs beside letters and
digits don't count. A place is right if what is cut out there, read again by itself, is the word.
"""

import argparse
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pymupdf
import pytesseract

from cluster.engines.reading.ocr import picture_of, read_scan
from cluster.engines.reading.straighten import Picture, skew
from domain.pages import Page, Word

RESULTS = Path(__file__).with_name("RESULTS.md")
_WORD = re.compile(r"[^\W_]+")
_DPI = 300
_EVERY = 12
_LEAST_LETTERS = 5
_SKEWED = 0.5
_SAME = 0.75
"""Of a word cut out and its reading: one wrong letter is a matter of the engine, not the place."""


@dataclass(frozen=True, slots=True)
class Score:
    """Of one page. `placed` of `checked` words stand where their boxes are."""

    name: str
    kind: str
    recall: float
    precision: float
    inside: bool
    placed: int
    checked: int
    confidence: float
    took_s: float


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scans", type=Path, required=True)
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args(arguments)
    scores = [score_page(*one) for one in _pages(given.scans)]
    given.results.write_text(report(scores), encoding="utf-8")
    print(report(scores))


def _pages(scans: Path) -> Iterator[tuple[str, Any, str]]:
    """Each page with a truth. Those of a scan stand in the order of its pages."""
    for scan in sorted(scans.glob("*.pdf")):
        stem = scan.stem.removesuffix("_scan")
        truths = sorted(scans.glob(f"{stem}_p*.truth.txt")) or [scans / f"{stem}.gold.txt"]
        document: Any = pymupdf.open(scan)  # type: ignore[no-untyped-call]
        if len(truths) == document.page_count:
            for page, truth in zip(document, truths, strict=True):
                yield truth.name.partition(".")[0], page, truth.read_text(encoding="utf-8")


def score_page(name: str, page: Any, truth: str) -> Score:
    began = time.perf_counter()
    read = read_scan(page)
    took_s = time.perf_counter() - began
    picture, scale = picture_of(page, _DPI)
    recall, precision = overlap(truth, read.text)
    words = [word for line in read.lines for word in line.words]
    chosen = [word for word in words if len(word.text) >= _LEAST_LETTERS][::_EVERY]
    return Score(
        name,
        _kind(page, picture),
        recall,
        precision,
        all(_is_inside(word, read) for word in words),
        sum(_stands_there(word, picture, scale) for word in chosen),
        len(chosen),
        read.confidence or 0.0,
        took_s,
    )


def overlap(truth: str, found: str) -> tuple[float, float]:
    """Recall and precision of words, each as often as it stands there."""
    wanted, got = (Counter(_WORD.findall(text.lower())) for text in (truth, found))
    common = sum((wanted & got).values())
    return common / max(sum(wanted.values()), 1), common / max(sum(got.values()), 1)


def _kind(page: Any, picture: Picture) -> str:
    if abs(skew(picture)) >= _SKEWED:
        return "skewed"
    return "fax" if any(image["bpc"] == 1 for image in page.get_image_info()) else "clean"


def _is_inside(word: Word, page: Page) -> bool:
    box = word.box
    return 0 <= box.left <= box.right <= page.width and 0 <= box.top <= box.bottom <= page.height


def _stands_there(word: Word, picture: Picture, scale: float) -> bool:
    """On a skewed page a box holds slices of the lines around: so the word may be among others."""
    box, margin = word.box, 2.0
    left, top = (box.left - margin) * scale, (box.top - margin) * scale
    right, bottom = (box.right + margin) * scale, (box.bottom + margin) * scale
    cut = picture.crop((left, top, right, bottom))
    again: str = pytesseract.image_to_string(cut, lang="eng", config="--psm 7 --dpi 300")
    wanted = "".join(_WORD.findall(word.text.lower()))
    seen = "".join(_WORD.findall(again.lower()))
    match = SequenceMatcher(None, wanted, seen, autojunk=False)
    return sum(block.size for block in match.get_matching_blocks()) >= _SAME * len(wanted)


def report(scores: Sequence[Score]) -> str:
    kinds = sorted({score.kind for score in scores})
    lines = [
        "# Scans read\n",
        "Made by `python -m benchmarks.reading.scans`: Tesseract's English model, one process.\n",
        "| kind | pages | recall, mean | lowest | precision, mean | words at their places |",
        "|---|---|---|---|---|---|",
        *(_summary(kind, [score for score in scores if score.kind == kind]) for kind in kinds),
        "\n| page | kind | recall | precision | boxes inside | at their places | confidence | s |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {s.name} | {s.kind} | {s.recall:.3f} | {s.precision:.3f} |"
            f" {'yes' if s.inside else 'NO'} | {s.placed} of {s.checked} | {s.confidence:.2f} |"
            f" {s.took_s:.1f} |"
            for s in scores
        ),
    ]
    return "\n".join(lines) + "\n"


def _summary(kind: str, scores: Sequence[Score]) -> str:
    recalls = [score.recall for score in scores]
    precision = sum(score.precision for score in scores) / len(scores)
    placed, checked = sum(s.placed for s in scores), sum(s.checked for s in scores)
    return (
        f"| {kind} | {len(scores)} | {sum(recalls) / len(recalls):.3f} | {min(recalls):.3f} |"
        f" {precision:.3f} | {placed} of {checked} |"
    )


if __name__ == "__main__":
    main()
