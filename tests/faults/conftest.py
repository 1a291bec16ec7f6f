"""A whole hub for one module, a small one for the others, and how long each part was away."""

from collections.abc import Iterator

import pytest

from cluster.home import Home
from cluster.servers.process import end, leftovers
from cluster.settings import Settings
from tests.faults.hub import GOAL_S, Hub
from tests.faults.small import Small, small_hub
from tests.faults.writer import Ledger
from tests.stores import forget

_HUBS: list[Hub] = []


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Up, with its few sample notices."""
    hub = Hub(tmp_path_factory.mktemp("faults") / "home")
    _HUBS.append(hub)
    try:
        hub.up()
        yield hub
    finally:
        end(leftovers(hub.home), within_s=20.0)
        forget(Home(hub.home))


@pytest.fixture(scope="module")
def ledger(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return Ledger(tmp_path_factory.mktemp("slices"))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    with small_hub(tmp_path_factory.mktemp("small") / "home") as small:
        yield small


@pytest.fixture
def settings(hub: Hub) -> Settings:
    return Settings(home=hub.home)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for hub in _HUBS:
        terminalreporter.section("how long each part was away")
        for each in hub.recoveries:
            terminalreporter.write_line(_line(each.victim, each.fault, each.seconds))


def _line(victim: str, fault: str, seconds: float | None) -> str:
    if seconds is None:
        return f"{victim:<24}{fault:<24}   for ever"
    late = "" if seconds <= GOAL_S else f"  more than {GOAL_S:g} s"
    return f"{victim:<24}{fault:<24}{seconds:8.1f} s{late}"
