"""Posts, the long-lived actors, as far as the log tells of them."""

from typing import Literal

from domain.decider import Decider
from domain.events import Event

Reason = Literal["ended", "cancelled", "stuck", "lost", "outdated"]
"""Its loop raised; was cancelled; went silent; its process vanished; its code was replaced."""


class PostReplaced(Event):
    """`error` is the type of what was raised, if anything was: its text may hold anything."""

    type: Literal["PostReplaced"] = "PostReplaced"
    post: str
    reason: Reason
    error: str | None = None
    code: str


def _record(replaced: PostReplaced, state: None) -> list[PostReplaced]:
    return [replaced]


def _evolve(state: None, event: PostReplaced) -> None: ...


POST: Decider[PostReplaced, None, PostReplaced] = Decider(
    "Post", (PostReplaced,), None, _record, _evolve
)
"""One stream a post. What it records decides nothing."""
