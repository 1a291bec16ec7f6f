"""Degraded scans whose text is known, read by the first engine alone and with the second one.

python -m benchmarks.reading.second_engine --scans DIRECTORY
"""

import argparse
import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
from PIL import Image, ImageFilter

from benchmarks.reading.scans import overlap
from cluster.engines.reading import rapid
from cluster.engines.reading.ocr import picture_of, read_again, read_scan
from cluster.engines.reading.straighten import Picture
from cluster.engines.vocabulary import vocabulary
from domain.pages import Page
from domain.second_reading import HERE, better, is_doubtful

RESULTS = Path(__file__).with_name("second_engine.md")
_PAGES = (("nhtsa", 1, "nhtsa_p03"), ("va247", 3, "va247_p04"), ("va247", 6, "va247_p21"))
_DPI = 200
_SEED = 7


@dataclass(frozen=True, slots=True)
class Twice:
    """A page in one state: both readings, what was kept, and what the second one took."""

    state: str
    truth: str
    first: Page
    second: Page
    kept: Page
    asked: bool
    second_s: float


def _noisy(picture: Picture, spread: float) -> Picture:
    pixels = np.asarray(picture, dtype=np.float64)
    noise = np.random.default_rng(_SEED).normal(0.0, spread, pixels.shape)
    return Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))


def _coarse(picture: Picture, dpi: int) -> Picture:
    small = picture.resize(
        (picture.width * dpi // _DPI, picture.height * dpi // _DPI), Image.Resampling.BOX
    )
    return small.resize(picture.size, Image.Resampling.BICUBIC)


def _faint(picture: Picture) -> Picture:
    return _noisy(picture.point(lambda value: 205 + value * 50 // 255), 9.0)


def _speckled(picture: Picture) -> Picture:
    pixels = np.asarray(picture).copy()
    chance = np.random.default_rng(_SEED).random(pixels.shape)
    pixels[chance < 0.04] = 0
    pixels[chance > 0.96] = 255
    return Image.fromarray(pixels)


def _copied(picture: Picture) -> Picture:
    """As a copy of a copy: thinned, and in black and white."""
    blurred = picture.filter(ImageFilter.GaussianBlur(1.6))
    return _noisy(blurred, 25.0).point(lambda value: 255 if value > 105 else 0)


def _shaded(picture: Picture) -> Picture:
    """As photographed in poor light."""
    across = np.linspace(0.30, 1.0, picture.width)
    dimmed = np.asarray(picture.filter(ImageFilter.GaussianBlur(1.2)), np.float64) * across
    return _noisy(Image.fromarray(dimmed.astype(np.uint8)), 12.0)


STATES: Mapping[str, Callable[[Picture], Picture]] = {
    "as it is": lambda picture: picture,
    "60 dpi": lambda picture: _coarse(picture, 60),
    "blurred": lambda picture: picture.filter(ImageFilter.GaussianBlur(3.0)),
    "faint": _faint,
    "speckled": _speckled,
    "copied twice": _copied,
    "shaded": _shaded,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scans", type=Path, required=True)
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args(arguments)
    told = report(list(read_all(given.scans)))
    given.results.write_text(told, encoding="utf-8")
    print(told)


def read_all(scans: Path) -> Iterator[Twice]:
    for scan, number, name in _PAGES:
        document: Any = pymupdf.open(scans / f"{scan}_scan.pdf")  # type: ignore[no-untyped-call]
        picture, _ = picture_of(document[number], _DPI)
        truth = (scans / f"{name}.truth.txt").read_text(encoding="utf-8")
        for state, degrade in STATES.items():
            yield _read(state, truth, degrade(picture))


def _read(state: str, truth: str, picture: Picture) -> Twice:
    page = _sheet(picture)
    first = read_scan(page)
    began = time.perf_counter()
    second = read_again(page, HERE, rapid.recognize)
    took_s = time.perf_counter() - began
    asked = is_doubtful(first)
    kept = better(first, second, vocabulary()) if asked else first
    return Twice(state, truth, first, second, kept, asked, took_s)


def _sheet(picture: Picture) -> Any:
    """A page of a PDF that shows it."""
    content = io.BytesIO()
    picture.save(content, "PNG")
    document: Any = pymupdf.open()  # type: ignore[no-untyped-call]
    size = picture.width * 72 / _DPI, picture.height * 72 / _DPI
    page = document.new_page(width=size[0], height=size[1])
    page.insert_image(page.rect, stream=content.getvalue())
    return page


def report(all_read: Sequence[Twice]) -> str:
    lines = [
        "# The second engine on degraded pages\n",
        "Made by `python -m benchmarks.reading.second_engine`: real scans with known text, made"
        " worse; recall and precision of words with Tesseract alone, with RapidOCR alone, and of"
        " the reading that the hub keeps. One process.\n",
        "| state | pages | asked again | Tesseract | RapidOCR | kept | s a second reading |",
        "|---|---|---|---|---|---|---|",
        *(_summary(state, [one for one in all_read if one.state == state]) for state in STATES),
        _summary("all", all_read),
    ]
    return "\n".join(lines) + "\n"


def _summary(state: str, some: Sequence[Twice]) -> str:
    asked = sum(one.asked for one in some)
    took_s = sum(one.second_s for one in some) / len(some)
    readings = (
        _scores([(one.truth, one.first) for one in some]),
        _scores([(one.truth, one.second) for one in some]),
        _scores([(one.truth, one.kept) for one in some]),
    )
    return f"| {state} | {len(some)} | {asked} | {' | '.join(readings)} | {took_s:.1f} |"


def _scores(read: Sequence[tuple[str, Page]]) -> str:
    scores = [overlap(truth, page.text) for truth, page in read]
    recall, precision = (sum(side) / len(scores) for side in zip(*scores, strict=True))
    return f"{recall:.3f} / {precision:.3f}"


if __name__ == "__main__":
    main()
