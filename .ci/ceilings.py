"""The ceilings of the style: file length, function length, constructor parameters."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 300
FUNCTION_LINES = 40
PARAMETERS = 5
"""Of a constructor, `self` left out. Dataclasses have none of their own."""


def main() -> int:
    """Prints what is over a ceiling. Returns the exit code."""
    faults = [fault for path in tracked() for fault in over(path)]
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    return 1 if faults else 0


def tracked() -> list[Path]:
    """Python and TypeScript that git knows or would add."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py", "*.ts"]
    names = subprocess.run(listing, check=True, capture_output=True, text=True).stdout  # noqa: S603
    return [path for path in map(Path, names.splitlines()) if path.exists()]


def over(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    lines = len(text.splitlines())
    if lines > FILE_LINES:
        yield f"{path}: {lines} lines, more than {FILE_LINES}"
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from over_in(path, node)


def over_in(path: Path, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    if lines > FUNCTION_LINES:
        yield f"{path}:{node.lineno}: {node.name} has {lines} lines, more than {FUNCTION_LINES}"
    parameters = len(node.args.posonlyargs + node.args.args + node.args.kwonlyargs) - 1
    if node.name == "__init__" and parameters > PARAMETERS:
        yield f"{path}:{node.lineno}: a constructor with {parameters} parameters"


if __name__ == "__main__":
    sys.exit(main())
