"""Why a notice fits or does not, in words. The codes are those of `domain.matching`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from deployments.shapes import FitShape
from deployments.web.labels import naics_label, set_aside_label, state_label, type_label

Sign = Literal["plus", "minus", "stop"]
Level = Literal["high", "mid", "low", "none"]

HIGH, MID = 75, 45
NEAR, FAR = 0.45, 0.25
"""Cosine similarities above which a meaning is near, and below which it is far."""

NOT_SCORED_CODE = "not_scored_yet"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason in a few words; `about` is the whole sentence."""

    text: str
    sign: Sign
    about: str = ""


@dataclass(frozen=True, slots=True)
class FitView:
    """A number, or what stands in its way."""

    score: int | None
    level: Level
    gates: tuple[Reason, ...]
    reasons: tuple[Reason, ...]

    @property
    def is_scored(self) -> bool:
        return self.score is not None or bool(self.gates)


def fit_view(fit: FitShape) -> FitView:
    gates = tuple(gate_in_words(code) for code in fit.gates)
    told = [code for code in fit.reasons if code != NOT_SCORED_CODE]
    reasons = tuple(reason for code in told if (reason := reason_in_words(code)))
    return FitView(fit.score, _level(fit), gates, reasons)


def row_reasons(view: FitView, most: int = 4) -> tuple[Reason, ...]:
    """For a row: what stops first, then what speaks for it, then what speaks against."""
    ordered = sorted(view.reasons, key=lambda reason: reason.sign == "minus")
    return (view.gates or tuple(ordered))[:most]


def gate_in_words(code: str) -> Reason:
    kind, _, value = code.partition(":")
    match kind:
        case "closed":
            return Reason("Closed", "stop", "It no longer takes offers.")
        case "type":
            what = type_label(value)
            return Reason(
                f"{what}: nothing to bid on", "stop", "Notices of this type ask for no bid."
            )
        case "set_aside":
            label = set_aside_label(value).text
            return Reason(f"{label}: not yours", "stop", "Your certifications do not include it.")
        case "excluded":
            about = f"Your profile excludes “{value}”, and the title has it."
            return Reason(f"You exclude “{value}”", "stop", about)
        case _:
            return Reason(code.replace("_", " "), "stop")


def reason_in_words(code: str) -> Reason | None:
    """None for what neither speaks for nor against it, and for a code of newer code."""
    kind, _, value = code.partition(":")
    if kind.removeprefix("not_").removesuffix("_group") in {"naics", "psc"}:
        return _code_reason(kind, value)
    in_words = _IN_WORDS.get(kind)
    return in_words(value) if in_words else None


def _code_reason(kind: str, value: str) -> Reason:
    name = "NAICS" if "naics" in kind else "PSC"
    about = naics_label(value) if name == "NAICS" else f"PSC {value}"
    if kind.startswith("not_"):
        return Reason(f"{name} {value} is not yours", "minus", about)
    if kind.endswith("_group"):
        return Reason(f"{name} group {value} holds yours", "plus", about)
    return Reason(f"{name} {value} is yours", "plus", about)


def _meaning(similarity: float) -> Reason | None:
    if similarity >= NEAR:
        return Reason("Near what you say you do", "plus", f"Similarity {similarity:.2f} of 1.")
    if similarity < FAR:
        return Reason("Far from what you say you do", "minus", f"Similarity {similarity:.2f} of 1.")
    return None


def _state(code: str) -> Reason:
    return Reason(state_label(code), "plus", f"{state_label(code)} is one of your states.")


def _shipping(code: str) -> Reason:
    where = state_label(code)
    return Reason(f"{where}: shipping only", "minus", f"{where} is outside your states.")


_IN_WORDS: dict[str, Callable[[str], Reason | None]] = {
    "meaning": lambda similarity: _meaning(float(similarity)),
    "keyword": lambda word: Reason(f"“{word}” is in your line card", "plus"),
    "set_aside": lambda code: Reason(f"{set_aside_label(code).text}: you qualify", "plus"),
    "not_set_aside": lambda code: Reason(f"{set_aside_label(code).text}: not yours", "minus"),
    "no_set_aside": lambda _: Reason("No set-aside stated: large firms may bid", "minus"),
    "state": _state,
    "shipping": _shipping,
    "not_place": lambda code: Reason(f"Delivery in {code}", "minus", "Outside the United States."),
}


def _level(fit: FitShape) -> Level:
    if fit.gates:
        return "none"
    if fit.score is None or fit.score < MID:
        return "low"
    return "high" if fit.score >= HIGH else "mid"
