import os
import subprocess
import sys
from pathlib import Path

import pytest

from cluster.servers.ray_head import ray_environment

LOOK = "import ray.serve, sys; print('pandas' in sys.modules)"
LOOK_AFTER = "import ray.serve, pandas; print(pandas.DataFrame({'a': [1]}).shape)"


def told(program: str, path: str) -> str:
    environment = {**os.environ, "PYTHONPATH": path}
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


def test_serve_does_without_pandas_in_our_ray() -> None:
    assert told(LOOK, ray_environment()["PYTHONPATH"]) == "False"


def test_serve_would_import_it_elsewhere() -> None:
    assert told(LOOK, "") == "True"


def test_others_have_pandas_as_ever() -> None:
    assert told(LOOK_AFTER, ray_environment()["PYTHONPATH"]) == "(1, 1)"


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.ran_theirs = True")
    return tmp_path


def test_a_sitecustomize_behind_it_still_runs(theirs: Path) -> None:
    path = f"{ray_environment()['PYTHONPATH']}{os.pathsep}{theirs}"
    assert told("import sys; print(sys.ran_theirs)", path) == "True"
