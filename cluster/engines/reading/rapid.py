"""RapidOCR with the models of its wheel: words of a picture, with boxes and confidence."""

from collections.abc import Iterator, Sequence
from functools import cache, reduce
from operator import or_
from typing import Any

from cluster.engines.reading.columns import in_reading_order
from cluster.engines.reading.fragments import Fragment
from cluster.engines.reading.straighten import Picture
from cluster.engines.reading.tesseract import Seen
from domain.pages import Box, Line, Word

_ROW = 0.5
"""Two pieces stand in one row where half of the lower one's height is common to both."""
_LONGEST_SIDE = 1120
"""In pixels, of what lines are looked for in: more costs memory and finds no more."""
_POINTS = 72.0


def recognize(picture: Picture, *, dpi: int) -> list[Seen]:
    """Blocks for seconds. One thread. The first call loads the models: 400 MB."""
    import numpy as np  # noqa: PLC0415

    found = _engine()(np.asarray(picture.convert("RGB")), return_word_box=True, use_cls=False)
    if not found.txts:
        return []
    pieces = [list(_words(line)) for line in found.word_results if line]
    return list(_in_order([piece for piece in pieces if piece], picture.width, dpi / _POINTS))


@cache
def _engine() -> Any:
    """Loaded once in a process, which is started for this and ends soon."""
    from rapidocr import RapidOCR  # noqa: PLC0415 - brings onnxruntime and OpenCV along

    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,
            "Rec.rec_batch_num": 1,
            "Det.limit_type": "max",
            "Det.limit_side_len": _LONGEST_SIDE,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,
        }
    )


def _words(line: Any) -> Iterator[Seen]:
    for text, confidence, corners in line:
        if corners is None or not text.strip():
            continue
        across, down = [float(x) for x, _ in corners], [float(y) for _, y in corners]
        box = Box(min(across), min(down), max(across), max(down))
        yield Seen(text.strip(), box, float(confidence), (0, 0, 0))


def _in_order(pieces: Sequence[list[Seen]], width: float, scale: float) -> Iterator[Seen]:
    """Row by row, and column by column where the page is set so; a piece is a line."""
    rows = sorted(pieces, key=lambda piece: _around(piece).top)
    ordered: list[list[Seen]] = []
    while rows:
        first = _around(rows[0])
        row = [piece for piece in rows if _in_row(first, _around(piece))]
        rows = [piece for piece in rows if not _in_row(first, _around(piece))]
        ordered += sorted(row, key=lambda piece: _around(piece).left)
    fragments = [_fragment(piece, number, scale) for number, piece in enumerate(ordered)]
    for line, fragment in enumerate(in_reading_order(fragments, width / scale)):
        for seen in ordered[int(fragment.line.indent)]:
            yield Seen(seen.text, seen.box, seen.confidence, (0, 0, line))


def _fragment(piece: Sequence[Seen], number: int, scale: float) -> Fragment:
    """With its number for an indent, by which it is found again."""
    box = _around(piece)
    place = Box(box.left / scale, box.top / scale, box.right / scale, box.bottom / scale)
    text = " ".join(seen.text for seen in piece)
    return Fragment(Line(text, place, (Word(text, place),), indent=float(number)))


def _around(piece: Sequence[Seen]) -> Box:
    return reduce(or_, (seen.box for seen in piece))


def _in_row(one: Box, other: Box) -> bool:
    common = min(one.bottom, other.bottom) - max(one.top, other.top)
    return common > _ROW * min(one.height, other.height)
