"""The process that reads one file: told its path, then asked for pages, a line of JSON each.

Arguments: path, mode, memory in bytes; the mode may also be the name of the second engine, which
then reads every page it is asked for from its picture. It first answers `{"pages": n}` or
`{"refused": {code, reason}}`, then for each number on a line of its input `{"page": {…}}`, for a
number and a width in pixels `{"picture": "…"}`, a PNG in base 64, for a number and the four edges
of a box in points the same of what is there; or `{"failed": {code, reason}}`. It ends with its
input.
"""

import json
import os
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any, BinaryIO

from cluster.engines.reading import rapid
from cluster.engines.reading.ocr import read_again
from cluster.engines.reading.opened import Opened, open_file
from cluster.engines.reading.sandbox import confine
from domain.document import ReadingMode
from domain.errors import Unreadable
from domain.pages import PAGE, Box
from domain.second_reading import HERE

_MODES: dict[str, ReadingMode] = {"auto": "auto", "ocr": "ocr", "text": "text"}
_TOO_DEEP = "it is nested too deeply"


def main(path: Path, mode: str, memory_bytes: int) -> None:
    answers = _own_output()
    sys.modules["pandas"] = None  # type: ignore[assignment] # pytesseract would load it, in vain.
    confine(memory_bytes)
    _serve(path, mode, answers)


def _own_output() -> BinaryIO:
    """Where we answer; what libraries print goes elsewhere."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _serve(path: Path, mode: str, answers: BinaryIO) -> None:
    try:
        file = _opened(path, mode)
    except Unreadable as error:
        _answer(answers, {"refused": {"code": error.code, "reason": error.reason}})
        return
    except Exception as error:  # noqa: BLE001 - told to who asked
        _answer(answers, {"refused": _told(error)})
        return
    _answer(answers, {"pages": file.pages})
    for line in sys.stdin:
        try:
            answer = _answered(file, line.split())
        except Exception as error:  # noqa: BLE001 - told to who asked
            answer = {"failed": _told(error)}
        _answer(answers, answer)


def _opened(path: Path, mode: str) -> Opened:
    if mode == HERE:
        return open_file(path, "ocr", lambda page: read_again(page, HERE, rapid.recognize))
    return open_file(path, _MODES[mode])


def _answered(file: Opened, asked: list[str]) -> dict[str, Any]:
    match asked:
        case [number]:
            page = file.read(int(number))
            return {"page": PAGE.dump_python(page, mode="json", exclude_defaults=True)}
        case [number, width]:
            picture = file.picture(int(number), int(width))
        case _:
            number, *edges = asked
            picture = file.cut(int(number), Box(*(float(edge) for edge in edges)))
    return {"picture": b64encode(picture).decode()}


def _told(error: Exception) -> dict[str, str]:
    match error:
        case Unreadable():
            return {"code": error.code, "reason": error.reason}
        case MemoryError():
            return {"code": "out_of_memory", "reason": "it takes more memory than is allowed"}
        case RecursionError():
            return {"code": "bomb", "reason": _TOO_DEEP}
        case _ if "malloc" in str(error) or "calloc" in str(error):
            return {"code": "out_of_memory", "reason": "it takes more memory than is allowed"}
        case _:
            return {"code": "broken", "reason": f"{type(error).__name__}: {error}"[:300]}


def _answer(answers: BinaryIO, answer: dict[str, Any]) -> None:
    line = json.dumps(answer, ensure_ascii=False, separators=(",", ":")) + "\n"
    answers.write(line.encode("utf-8", "replace").replace(b"\\u0000", b"\\ufffd"))
    answers.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
