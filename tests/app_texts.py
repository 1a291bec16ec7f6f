"""The one text that all notices of `tests.app` share."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

TEXT = (
    "<p>The VA needs <b>scanners</b>.<script>alert(1)</script></p>"
    '<ul><li>One <a href="javascript:alert(2)" onclick="x()">each</a></li></ul>'
    '<p>See <a href="https://sam.gov/x">the schedule</a> &amp; reply.</p>'
)
DIGEST = sha256(TEXT.encode()).hexdigest()


class HeldTexts:
    """Implements `domain.ports.TextStore`, with the one text that all notices here share."""

    async def put(self, texts: Mapping[str, str]) -> None:
        raise AssertionError("pages write no texts")

    async def get(self, digests: Sequence[str]) -> dict[str, str]:
        return {DIGEST: TEXT} if DIGEST in digests else {}
