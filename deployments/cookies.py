"""The cookies: no script reads them, no other site sends them, https keeps them to itself."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from cluster.stores.sign_in_flows import WITHIN_S
from deployments.auth import COOKIE, SECURE_COOKIE, session_token
from deployments.identity import Identity
from domain.clock import utc_now
from domain.errors import Unauthenticated
from domain.session import Session

_FLOW, _SECURE_FLOW = "mch_sign_in", "__Host-mch_sign_in"


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


def give_flow(response: Response, identity: Identity, secret: str) -> None:
    """Binds a sign-in that leads to a provider to this browser. `Lax`: it comes back by a link."""
    response.set_cookie(
        _SECURE_FLOW if identity.is_secure else _FLOW,
        secret,
        max_age=WITHIN_S,
        path="/",
        secure=identity.is_secure,
        httponly=True,
        samesite="lax",
    )


def held_by_flow(connection: HTTPConnection, identity: Identity) -> str:
    """Over https only what https has set. Empty where there is none."""
    return connection.cookies.get(_SECURE_FLOW if identity.is_secure else _FLOW, "")


def take_flow(response: Response, identity: Identity) -> None:
    name = _SECURE_FLOW if identity.is_secure else _FLOW
    response.delete_cookie(name, path="/", secure=identity.is_secure, httponly=True, samesite="lax")
