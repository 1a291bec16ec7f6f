"""Reads scans whose text is known, and scores words and their places.

python -m benchmarks.reading.scans --scans DIRECTORY

A word counts as found as often as the truth has it, whatever its case; signs beside letters and
digits don't count. Whether words stand at their places `benchmarks.reading.cutouts` tells.
"""

import argparse
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymupdf

from benchmarks.reading.cutouts import Cutouts, check_places
from cluster.engines.reading.ocr import picture_of, read_scan
from cluster.engines.reading.straighten import Picture, skew

RESULTS = Path(__file__).with_name("RESULTS.md")
_WORD = re.compile(r"[^\W_]+")
_DPI = 300
_SKEWED = 0.5


@dataclass(frozen=True, slots=True)
class Score:
    """Of one page."""

    name: str
    kind: str
    recall: float
    precision: float
    places: Cutouts
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
    picture, _ = picture_of(page, _DPI)
    recall, precision = overlap(truth, read.text)
    return Score(
        name,
        _kind(page, picture),
        recall,
        precision,
        check_places(page, read),
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
            f" {'yes' if s.places.inside else 'NO'} | {s.places.there} of {s.places.checked} |"
            f" {s.confidence:.2f} | {s.took_s:.1f} |"
            for s in scores
        ),
    ]
    return "\n".join(lines) + "\n"


def _summary(kind: str, scores: Sequence[Score]) -> str:
    recalls = [score.recall for score in scores]
    precision = sum(score.precision for score in scores) / len(scores)
    there = sum(score.places.there for score in scores)
    checked = sum(score.places.checked for score in scores)
    return (
        f"| {kind} | {len(scores)} | {sum(recalls) / len(recalls):.3f} | {min(recalls):.3f} |"
        f" {precision:.3f} | {there} of {checked} |"
    )


if __name__ == "__main__":
    main()
