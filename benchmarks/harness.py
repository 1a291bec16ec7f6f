"""Two sides do the same work in turn (A B B A …); what counts is the ratio of their times."""

import json
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).with_name("results")

Work = Callable[[], object]
"""Does the whole work once, and returns something only to keep it from being optimised away."""


@dataclass(frozen=True, slots=True)
class Side:
    """One way of doing the work, and the version of what does it."""

    name: str
    version: str
    work: Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`ratio` is how many times faster we are than the peer: the median over pairs of rounds."""

    work: str
    ours: str
    peer: str
    rounds: int
    ours_s: float
    peer_s: float
    ratio: float
    spread: tuple[float, float]
    goal: float
    machine: str
    note: str = ""

    @property
    def reached(self) -> bool:
        return self.ratio >= self.goal


def compare(
    work: str, ours: Side, peer: Side, *, goal: float, rounds: int = 5, note: str = ""
) -> Comparison:
    """Time both sides in alternating order. Their outputs are the caller's to check first."""
    pairs = [_pair(ours.work, peer.work, swap=bool(number % 2)) for number in range(rounds)]
    ratios = sorted(theirs / mine for mine, theirs in pairs)
    return Comparison(
        work=work,
        ours=f"{ours.name} {ours.version}",
        peer=f"{peer.name} {peer.version}",
        rounds=rounds,
        ours_s=statistics.median(mine for mine, _ in pairs),
        peer_s=statistics.median(theirs for _, theirs in pairs),
        ratio=statistics.median(ratios),
        spread=(ratios[0], ratios[-1]),
        goal=goal,
        machine=machine(),
        note=note,
    )


def machine() -> str:
    return f"{platform.machine()}, Python {platform.python_version()}"


def of_package(name: str) -> str:
    """The installed version."""
    return version(name)


def record(comparison: Comparison) -> None:
    """Keep the newest result of each work, as `benchmarks/results/<work>.json`."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{comparison.work.replace(' ', '_').replace('/', '_')}.json"
    path.write_text(json.dumps(asdict(comparison), indent=1) + "\n", encoding="utf-8")


def table(results: Sequence[Comparison]) -> str:
    """Markdown, one row a comparison."""
    head = (
        "| work | ours | peer | ratio | spread | goal | reached |\n|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(_row(result) for result in results)


def _row(result: Comparison) -> str:
    low, high = result.spread
    ours, peer = f"{result.ours}, {result.ours_s:.3f} s", f"{result.peer}, {result.peer_s:.3f} s"
    reached = "yes" if result.reached else f"no: {result.note}"
    ratios = f"{result.ratio:.2f} | {low:.2f} to {high:.2f} | {result.goal:g}"
    return f"| {result.work} | {ours} | {peer} | {ratios} | {reached} |\n"


def _pair(mine: Work, theirs: Work, *, swap: bool) -> tuple[float, float]:
    if swap:
        second = _time(theirs)
        return _time(mine), second
    first = _time(mine)
    return first, _time(theirs)


def _time(work: Work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
