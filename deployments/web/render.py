"""Templates, and the files that pages are made of. Opened once for each replica."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from deployments.web.times import eastern, iso

WEB = Path(__file__).parent
STATIC = "/static"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it is served: under a name with its digest, so that it may be kept for ever."""

    path: Path
    name: str
    etag: str


class Assets:
    """The files of `static/`: bundled by `deployments.web.build`, or as they are without it."""

    def __init__(self, web: Path = WEB) -> None:
        self._by_plain_name: dict[str, StaticFile] = {}
        for plain, path in _files(web / "static").items():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
            name = f"{path.stem}-{digest}{path.suffix}" if path.name == plain else path.name
            self._by_plain_name[plain] = StaticFile(path, name, f'"{digest}"')
        self._by_name = {file.name: file for file in self._by_plain_name.values()}

    def url(self, plain_name: str) -> str | None:
        """None for what was not built: the pages work without it."""
        file = self._by_plain_name.get(plain_name)
        return f"{STATIC}/{file.name}" if file else None

    def find(self, name: str) -> StaticFile | None:
        return self._by_name.get(name)


class Pages:
    """Renders templates. What a template asks for and is not given is an error."""

    def __init__(self, assets: Assets, web: Path = WEB) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(web / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["asset"] = assets.url
        self._environment.filters.update(eastern=eastern, iso=iso, count=_count)

    def render(self, template: str, status: int = 200, **facts: Any) -> HTMLResponse:
        return HTMLResponse(self._environment.get_template(template).render(**facts), status)


def _files(static: Path) -> Mapping[str, Path]:
    """By plain name: the sources, and over them what was bundled."""
    sources = {path.name: path for path in sorted(static.iterdir()) if path.is_file()}
    manifest = static / "dist" / "manifest.json"
    if not manifest.is_file():
        return sources
    built = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    return sources | {plain: static / "dist" / name for plain, name in built.items()}


def _count(number: int) -> str:
    return f"{number:,}"
