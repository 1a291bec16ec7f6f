"""The cookies: no script reads them, no other site sends them, https keeps them to itself."""

from dataclasses import dataclass
from typing import Literal

from starlette.requests import HTTPConnection
from starlette.responses import Response

from cluster.stores.passkey_challenges import WITHIN_S as PASSKEY_WITHIN_S
from cluster.stores.sign_in_flows import WITHIN_S as FLOW_WITHIN_S
from deployments.auth import COOKIE, SECURE_COOKIE, session_token
from deployments.identity import Identity
from domain.clock import utc_now
from domain.errors import Unauthenticated
from domain.session import Session


def give(response: Response, identity: Identity, token: str, session: Session) -> None:
    """Kept beyond the browser's end only where the person asked to be remembered.

    `Lax`, so that a link in a mail finds the person signed in; acts check the origin besides.
    """
    left_s = int((session.expires_at - utc_now()).total_seconds())
    response.set_cookie(
        SECURE_COOKIE if identity.is_secure else COOKIE,
        token,
        max_age=left_s if session.is_remembered else None,
        path="/",
        secure=identity.is_secure,
        httponly=True,
        samesite="lax",
    )


def take(response: Response, identity: Identity) -> None:
    for name in (COOKIE, SECURE_COOKIE):
        response.delete_cookie(
            name, path="/", secure=identity.is_secure, httponly=True, samesite="lax"
        )


async def current(identity: Identity, connection: HTTPConnection) -> tuple[str, Session]:
    """The token and the session of who is signed in. Raises `Unauthenticated`."""
    token = session_token(connection)
    if token is None:
        raise Unauthenticated(reason="this needs a person who is signed in")
    return token, await identity.sessions.find(token)


@dataclass(frozen=True, slots=True)
class Bond:
    """A cookie that binds what was begun to the browser that began it."""

    name: str
    within_s: int
    same_site: Literal["lax", "strict"]

    def spelled(self, identity: Identity) -> str:
        """Over https only what https has set is read."""
        return f"__Host-{self.name}" if identity.is_secure else self.name


OF_FLOW = Bond("mch_sign_in", FLOW_WITHIN_S, "lax")
"""A sign-in that leads to a company's provider, from where it comes back by a link."""
OF_PASSKEY = Bond("mch_passkey", PASSKEY_WITHIN_S, "strict")
"""A challenge that waits for a passkey."""


def bind(response: Response, identity: Identity, bond: Bond, secret: str) -> None:
    response.set_cookie(
        bond.spelled(identity),
        secret,
        max_age=bond.within_s,
        path="/",
        secure=identity.is_secure,
        httponly=True,
        samesite=bond.same_site,
    )


def bound(connection: HTTPConnection, identity: Identity, bond: Bond) -> str:
    """The secret. Empty where there is none."""
    return connection.cookies.get(bond.spelled(identity), "")


def unbind(response: Response, identity: Identity, bond: Bond) -> None:
    response.delete_cookie(
        bond.spelled(identity),
        path="/",
        secure=identity.is_secure,
        httponly=True,
        samesite=bond.same_site,
    )
