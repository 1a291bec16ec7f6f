"""Links that end mail of notifications without signing in: whoever holds one got the mail."""

from uuid import UUID

from cluster.sealing import Seals
from domain.errors import NotFound, Unavailable

_WHAT = "unsubscribe"


class UnsubscribeLinks:
    """Sealed, so that nobody makes one, and none tells whose it is. They hold for ever: a mail may
    be read years later. `public_url` is what they begin with.
    """

    def __init__(self, seals: Seals, public_url: str) -> None:
        self._seals = seals
        self._public_url = public_url

    def link(self, tenant_id: UUID, person_id: UUID) -> str:
        secret = self._seals.seal(f"{tenant_id.hex}{person_id.hex}", _WHAT)
        return f"{self._public_url}/unsubscribe/{secret}"

    def read(self, secret: str) -> tuple[UUID, UUID]:
        """Tenant and person. Raises `NotFound` for what is no such link."""
        try:
            told = self._seals.open(secret, _WHAT)
        except Unavailable as error:
            raise NotFound(what="mail to end", key="of this link") from error
        return UUID(told[:32]), UUID(told[32:])
