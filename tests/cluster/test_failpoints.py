"""Failpoints: a crash exactly where the test wants it, in a process of its own."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from cluster import failpoints
from cluster.failpoints import CATALOGUE, Failpoint, parse

ROOT = Path(failpoints.__file__).parents[1]
REACH_TWICE = """
from cluster.failpoints import reach
reach("after_append"); print("once", flush=True)
reach("after_append"); print("twice", flush=True)
"""


def crash(spec: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own arguments
        [sys.executable, "-c", REACH_TWICE],
        cwd=ROOT,
        env={**os.environ, "MCH_FAILPOINTS": spec, **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("spec", "code", "told"),
    [
        ("after_append=crash", 86, []),
        ("after_append=crash@2", 86, ["once"]),
        ("after_publish=crash", 0, ["once", "twice"]),
        ("", 0, ["once", "twice"]),
    ],
)
def test_a_process_ends_at_its_failpoint(spec: str, code: int, told: list[str]) -> None:
    ended = crash(spec)
    assert (ended.returncode, ended.stdout.split()) == (code, told)


def test_a_cluster_refuses_them() -> None:
    ended = crash("after_append=crash", MCH_PROFILE="cluster")
    assert ended.returncode not in (0, 86)
    assert "failpoints" in ended.stderr


@pytest.mark.parametrize("spec", ["typo=crash", "after_append", "after_append=crash@0"])
def test_a_misspelt_one_is_named(spec: str) -> None:
    with pytest.raises(ValueError, match=spec.partition("=")[0]):
        parse(spec)


def test_several_may_be_armed() -> None:
    assert parse("after_append=crash@3, after_effect=crash") == {
        "after_append": 3,
        "after_effect": 1,
    }


def test_every_failpoint_is_in_the_catalogue_and_in_the_code() -> None:
    names = set(get_args(Failpoint))
    assert names == set(CATALOGUE) == set(_reached())


def _reached() -> list[str]:
    modules = [module for floor in ("actors", "cluster") for module in (ROOT / floor).rglob("*.py")]
    calls = [
        node
        for module in modules
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "reach"
    ]
    return [argument.value for call in calls if isinstance(argument := call.args[0], ast.Constant)]  # type: ignore[misc]
