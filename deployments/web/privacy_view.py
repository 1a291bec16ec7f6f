"""A company's consents as its page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cluster.stores.consents import Told
from domain.consent import PROVIDERS, Purpose

SAYS = {
    Purpose.OCR: (
        "Recognise pages",
        "Pictures of pages that our first reading is not sure of may be sent to {provider}, which"
        " answers with their text. Without it they are read a second time here.",
    ),
    Purpose.MODEL: (
        "Answer with a language model",
        "Passages of your documents and your profile may be sent to {provider} with a question, and"
        " its answer comes back. Without it nothing is sent.",
    ),
}


@dataclass(frozen=True, slots=True)
class ConsentView:
    """`told` is what was last said, by the member `who`, if anything was. `given` counts for the
    provider of the day alone.
    """

    purpose: Purpose
    title: str
    says: str
    provider: str
    given: bool
    told: Told | None
    who: str


def consent_views(told: Sequence[Told], names: Mapping[str, str]) -> list[ConsentView]:
    """`names` are of members, by id."""
    last = {one.purpose: one for one in told}
    return [_view(purpose, last.get(purpose), names) for purpose in Purpose]


def _view(purpose: Purpose, told: Told | None, names: Mapping[str, str]) -> ConsentView:
    provider = PROVIDERS[purpose]
    title, says = SAYS[purpose]
    who = names.get(told.told_by, "someone who is no member any more") if told else ""
    return ConsentView(
        purpose=purpose,
        title=title,
        says=says.format(provider=provider),
        provider=provider,
        given=told is not None and told.given and told.provider == provider,
        told=told,
        who="whoever sits at this machine" if told and told.told_by == "local" else who,
    )
