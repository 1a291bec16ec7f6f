import json
import shutil
from pathlib import Path

import pytest

from deployments.web import build as bundler
from deployments.web.build import BuildFailed, build, why_npm_failed
from deployments.web.render import Assets


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((bundler.WEB / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, held in lock["packages"].items() if "resolved" in held]
    assert all("integrity" in held for name, held in lock["packages"].items() if name)


def test_a_registry_that_is_away_is_one_clear_line() -> None:
    said = "npm error code ENOTFOUND\nnpm error network request failed\n"
    assert "registry cannot be reached" in why_npm_failed(said)
    assert why_npm_failed("\nnpm error broken lock\n") == "npm failed: npm error broken lock"


def test_pages_work_from_the_sources_where_nothing_was_built(tmp_path: Path) -> None:
    shutil.copytree(bundler.WEB / "static", tmp_path / "static", ignore=lambda *_: {"dist"})
    assets = Assets(tmp_path)
    url = assets.url("hub.css")
    assert url
    assert assets.find(url.rpartition("/")[2])
    assert assets.url("hub.js") is None


def test_what_is_built_already_is_not_built_again(tmp_path: Path) -> None:
    try:
        build()
    except BuildFailed as failure:
        pytest.skip(f"needs the npm registry once: {failure}")
    assert build() is False
    assert Assets().url("hub.js")
