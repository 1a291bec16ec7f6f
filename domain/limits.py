"""How often one may ask: the table of limits, and what becomes of each while nobody can count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

WINDOW_S = 60


class RouteClass(StrEnum):
    """What kinds of request cost, or open, alike."""

    OPEN = "open"  # Probes and style sheets: never counted.
    READ = "read"
    SEARCH = "search"
    WRITE = "write"
    SIGN_IN = "sign-in"


class Per(StrEnum):
    """Whose requests are counted together. `user` is a person, an API key or a service."""

    USER = "user"
    TENANT = "tenant"
    ADDRESS = "address"


class Uncounted(StrEnum):
    """What becomes of a request while Redis, which counts, is down."""

    PASS = "pass"  # noqa: S105 - no password
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `quota` requests in any `window_s` seconds, by every replica together.

    `name` is a token of RFC 9651: it stands in the headers `RateLimit` and `RateLimit-Policy`.
    """

    name: str
    per: Per
    quota: int
    window_s: int = WINDOW_S
    uncounted: Uncounted = Uncounted.PASS


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is counted. Without a tenant and a user nobody is known, and the address counts."""

    address: str
    tenant_id: UUID | None = None
    user_id: str | None = None

    @property
    def is_known(self) -> bool:
        return self.tenant_id is not None and self.user_id is not None

    def named(self, per: Per) -> str:
        match per:
            case Per.USER:
                return f"{self.tenant_id}/{self.user_id}"
            case Per.TENANT:
                return str(self.tenant_id)
            case Per.ADDRESS:
                return self.address


@dataclass(frozen=True, slots=True)
class Standing:
    """How one limit stands: what it still lets through, and when that becomes more by one."""

    limit: Limit
    left: int
    reset_s: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """`retry_after_s` is 0 where the request may pass."""

    standings: tuple[Standing, ...] = ()
    retry_after_s: int = 0

    @property
    def passes(self) -> bool:
        return self.retry_after_s == 0


def quotas(scale: float) -> Mapping[RouteClass, Sequence[Limit]]:
    """The table. `scale` multiplies every quota but those of signing in, which guard passwords."""

    def per_minute(name: str, per: Per, quota: int) -> Limit:
        return Limit(name, per, max(1, round(quota * scale)))

    tenant = per_minute("tenant", Per.TENANT, 6_000)
    return {
        RouteClass.OPEN: (),
        RouteClass.READ: (
            per_minute("read", Per.USER, 1_200),
            tenant,
            per_minute("read-address", Per.ADDRESS, 300),
        ),
        RouteClass.SEARCH: (
            per_minute("search", Per.USER, 300),
            tenant,
            per_minute("search-address", Per.ADDRESS, 60),
        ),
        RouteClass.WRITE: (
            per_minute("write", Per.USER, 300),
            tenant,
            per_minute("write-address", Per.ADDRESS, 60),
        ),
        RouteClass.SIGN_IN: (Limit("sign-in", Per.ADDRESS, 20, uncounted=Uncounted.REFUSE),),
    }


def applying(limits: Sequence[Limit], asker: Asker) -> list[Limit]:
    """A known asker is counted by user and tenant: colleagues behind one address don't share it.

    Where only addresses are counted, everybody's is.
    """
    by_address = [limit for limit in limits if limit.per is Per.ADDRESS]
    by_name = [limit for limit in limits if limit.per is not Per.ADDRESS]
    return by_name if asker.is_known and by_name else by_address
