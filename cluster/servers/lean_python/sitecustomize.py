"""Hides pandas from Ray Serve, which does without it where it is absent: 50 MB a process.

This folder stands first on the path of Ray's processes, so Python runs this file as each of them
starts. Everybody else's `import pandas` works as ever (see docs/decisions/0012).
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from types import FrameType, ModuleType

ASKS_IN_VAIN = "ray.serve._private.utils"
"""It imports pandas only to encode data frames for its own dashboard; we return none."""


class HiddenPandas:
    """A finder of modules that stands before all others."""

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if name == "pandas" and _importer(sys._getframe(1)) == ASKS_IN_VAIN:
            raise ModuleNotFoundError(f"{name} is hidden from {ASKS_IN_VAIN}", name=name)
        return None


def _importer(frame: FrameType | None) -> str:
    """Name of the module whose `import` led here."""
    while frame is not None and str(frame.f_globals.get("__name__")).startswith("importlib."):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__")) if frame else ""


def _run_the_next() -> None:
    """The `sitecustomize` that this one stands before, if there is one."""
    here = Path(__file__).parent
    others = [place for place in sys.path if Path(place or ".").resolve() != here]
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec and spec.loader:
        spec.loader.exec_module(module_from_spec(spec))


sys.meta_path.insert(0, HiddenPandas())
_run_the_next()
