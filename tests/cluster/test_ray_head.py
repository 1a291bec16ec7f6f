import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.servers.ray_head import short_folder


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Path]:
    """A home whose path leaves no room for the sockets of Ray."""
    home = tmp_path / ("far" * 12)
    home.mkdir()
    yield home
    shutil.rmtree(short_folder(home).parent)


def test_the_folder_is_found_again_though_ray_lets_everybody_in(far: Path) -> None:
    folder = short_folder(far)
    folder.chmod(0o777)
    assert short_folder(far) == folder
    assert folder.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_may_enter_is_refused(far: Path) -> None:
    outer = short_folder(far).parent
    outer.chmod(0o755)
    with pytest.raises(PermissionError, match="not a private folder"):
        short_folder(far)
    outer.chmod(0o700)


def test_a_short_home_holds_it() -> None:
    with tempfile.TemporaryDirectory(prefix="mch-", dir=Path("/tmp")) as home:  # noqa: S108
        assert short_folder(Path(home)) == Path(home) / "ray"
