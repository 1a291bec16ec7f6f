"""What stands around every page: what is not up, what is unread, which live rooms to join."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request

from deployments.backends import Backends
from deployments.parts import Part, PartsWatch, State
from domain.access import Permission, Principal
from domain.errors import Unavailable
from domain.feed import OPPORTUNITIES

LEADS = {
    "account": Permission.OWN_ACCOUNT,
    "company": Permission.READ_COMPANY,
    "keys": Permission.MANAGE_KEYS,
    "audit": Permission.READ_AUDIT,
    "sign-in": Permission.MANAGE_MEMBERS,
}


@dataclass(frozen=True, slots=True)
class Frame:
    """`unread` is None while nobody can tell."""

    now: datetime
    parts: tuple[Part, ...]
    unread: int | None
    rooms: tuple[str, ...]
    may: frozenset[str] = frozenset()
    """Which of `account`, `company`, `keys`, `audit`, `sign-in` lead somewhere for who looks at the
    page, and `sign-out` where they have a session and no account page that ends it.
    """

    @property
    def troubles(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.state is not State.UP)


async def frame_page(request: Request, principal: Principal, *rooms: str) -> Frame:
    """Waits for no part that is slow: it tells what the last look found."""
    watch: PartsWatch = request.app.state.parts
    parts, unread = await asyncio.gather(
        watch.glance(), _unread(request.app.state.backends, principal)
    )
    joined = (f"user:{principal.user_id}", OPPORTUNITIES, *rooms)
    may = {name for name, needed in LEADS.items() if needed in principal.permissions}
    if "account" not in may and principal.credential.startswith("session:"):
        may.add("sign-out")
    return Frame(datetime.now(UTC), tuple(parts), unread, joined, frozenset(may))


async def _unread(backends: Backends, principal: Principal) -> int | None:
    if Permission.READ_NOTIFICATIONS not in principal.permissions:
        return None
    try:
        return await backends.notifications.unread(principal.tenant_id, principal.user_id)
    except Unavailable:
        return None
