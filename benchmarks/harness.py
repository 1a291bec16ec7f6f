"""Two sides do the same work in turn (A B B A …); what counts is the ratio of their times."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).with_name("results")

_HEAD = """# Results

Made by `python -m benchmarks`: both sides in turn, their outputs found equal before. A ratio says
how many times better ours is than the peer, as the median over rounds; what counts is the ratio.

"""

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
    """Where the goal is missed: why, and what next."""
    unit: str = "s"

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


def compare_figures(
    work: str,
    ours: tuple[str, Sequence[float]],
    peer: tuple[str, Sequence[float]],
    *,
    goal: float,
    unit: str,
    note: str = "",
) -> Comparison:
    """Figures of which less is better, one a round of each side: latencies, memory."""
    (mine, our_figures), (theirs, peer_figures) = ours, peer
    ratios = sorted(b / a for a, b in zip(our_figures, peer_figures, strict=True))
    return Comparison(
        work=work,
        ours=mine,
        peer=theirs,
        rounds=len(ratios),
        ours_s=statistics.median(our_figures),
        peer_s=statistics.median(peer_figures),
        ratio=statistics.median(ratios),
        spread=(ratios[0], ratios[-1]),
        goal=goal,
        machine=machine(),
        note=note,
        unit=unit,
    )


def machine() -> str:
    """The load tells how much else was running: absolute figures suffer from it, ratios less."""
    cores, load = os.cpu_count(), os.getloadavg()[0]
    python = platform.python_version()
    return f"{platform.machine()}, {cores} cores, load {load:.0f}, Python {python}"


def of_package(name: str) -> str:
    """The installed version."""
    return version(name)


def record(comparison: Comparison) -> None:
    """Keep the newest result of each work, as `benchmarks/results/<work>.json`."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{comparison.work.replace(' ', '_').replace('/', '_')}.json"
    path.write_text(json.dumps(asdict(comparison), indent=1) + "\n", encoding="utf-8")


def render() -> None:
    """All kept results as `benchmarks/RESULTS.md`."""
    kept = sorted(RESULTS.glob("*.json"))
    results = [_read(path) for path in kept]
    missed = [f"- {it.work}: {it.note}\n" for it in results if not it.reached and it.note]
    text = _HEAD + table(results) + ("\nMissed:\n\n" + "".join(missed) if missed else "")
    RESULTS.parent.joinpath("RESULTS.md").write_text(text, encoding="utf-8")


def table(results: Sequence[Comparison]) -> str:
    """Markdown, one row a comparison."""
    columns = ("work", "ours", "peer", "ratio", "spread (rounds)", "goal", "reached", "machine")
    head = f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|\n"
    return head + "".join(_row(result) for result in results)


def _row(result: Comparison) -> str:
    low, high = result.spread
    ours = f"{result.ours}: {result.ours_s:.4g} {result.unit}"
    peer = f"{result.peer}: {result.peer_s:.4g} {result.unit}"
    ratios = f"{result.ratio:.2f} | {low:.2f} to {high:.2f} ({result.rounds}) | {result.goal:g}"
    reached = "yes" if result.reached else "no"
    return f"| {result.work} | {ours} | {peer} | {ratios} | {reached} | {result.machine} |\n"


def _read(path: Path) -> Comparison:
    told = json.loads(path.read_text(encoding="utf-8"))
    return Comparison(**told | {"spread": tuple(told["spread"])})


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
