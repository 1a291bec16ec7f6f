"""Signing in through a company's own provider: authorization code with PKCE (RFC 7636), as OpenID
Connect Core 1.0, 3.1 and RFC 9700 (best current practice) demand.

Each company is answered at an address of its own, so that no provider can hand us a code that
another one gave out (RFC 9700, 4.4). What a provider proves holds in its company alone.
"""

import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID, uuid4

from cluster.clients.openid import Exchange, OpenIdClient, open_openid
from cluster.stores.persons import SigningUp
from cluster.stores.sign_in_flows import Flow
from deployments.identity import Identity
from deployments.issuers import PUBLISHED
from deployments.signing_in import Visitor
from deployments.tokens import LEEWAY_S, Rules, verified
from domain.access import Role
from domain.clock import utc_now
from domain.company import COMPANIES, Join, company_stream
from domain.decider import execute
from domain.errors import Forbidden, Unauthenticated
from domain.events import Cause
from domain.person import Person
from domain.provider import Claimed, Provider, claimed_by
from domain.secrets import digest_of, is_same, new_secret
from domain.session import HOLDS_FOR, Session

OLDEST_S = 600
"""An id_token is made for the code that we just exchanged."""

_NOT_OURS = "your company's provider vouched for someone else; begin again"


@dataclass(frozen=True, slots=True)
class Callback:
    """What a browser brings back. `browser` is what its cookie holds, `issuer` RFC 9207's."""

    state: str
    code: str
    browser: str
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """The session, what its cookie is to hold, and where the person was going."""

    token: str
    session: Session
    onward: str


async def lead_there(identity: Identity, provider: Provider, browser: str, onward: str) -> str:
    """The address at the provider. `browser` is the secret of the cookie that binds the answer to
    this browser. Raises `Unavailable`, and `Invalid` for a provider that lies inside.
    """
    async with open_openid(identity.inside_provider) as client:
        found = await client.discover(provider.issuer)
    nonce, verifier = new_secret(), secrets.token_urlsafe(48)
    of_browser = digest_of(browser)
    flow = Flow(provider.tenant_id, provider.issuer, nonce, verifier, of_browser, onward)
    told = {
        "response_type": "code",
        "scope": "openid email profile",
        "client_id": provider.client_id,
        "redirect_uri": callback_address(identity, provider),
        "state": await identity.flows.open(flow),
        "nonce": nonce,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
    }
    endpoint = found.authorization_endpoint
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(told)}"


def callback_address(identity: Identity, provider: Provider) -> str:
    """What the company registers with its provider."""
    return f"{identity.public_url}/sign-in/company/{provider.name}/callback"


async def arrive(
    identity: Identity, provider: Provider, told: Callback, visitor: Visitor, cause: Cause
) -> Arrived:
    """Raises `Unauthenticated`, `Forbidden` for whom the company does not let in, `Unavailable`."""
    flow = await identity.flows.take(told.state)
    _refuse_strange(flow, provider, told)
    claims = await _claims(identity, provider, flow, told)
    claimed = claimed_by(claims)
    person_id = await _person(identity, provider, claimed, cause)
    role = await identity.companies.role(provider.tenant_id, person_id)
    if role is None:
        raise Forbidden(who=claimed.email or "who left the company", what="sign in to it again")
    session = _session(provider, person_id, role, visitor)
    return Arrived(await identity.sessions.open(session), session, flow.onward)


def _refuse_strange(flow: Flow, provider: Provider, told: Callback) -> None:
    is_same_company = (flow.tenant_id, flow.issuer) == (provider.tenant_id, provider.issuer)
    is_same_issuer = told.issuer is None or told.issuer == flow.issuer
    if not is_same_company or not is_same_issuer or not is_same(told.browser, flow.browser):
        raise Unauthenticated(reason="this sign-in was begun elsewhere; begin again")


async def _claims(
    identity: Identity, provider: Provider, flow: Flow, told: Callback
) -> Mapping[str, Any]:
    secret = await identity.providers.secret(provider.tenant_id)
    asked = Exchange(
        client_id=provider.client_id,
        client_secret=secret,
        code=told.code,
        redirect_uri=callback_address(identity, provider),
        verifier=flow.verifier,
    )
    async with open_openid(identity.inside_provider) as client:
        found = await client.discover(provider.issuer)
        token = await client.exchange(found, asked)
        return await believed(client, token, provider, found.jwks_uri, flow.nonce)


async def believed(
    client: OpenIdClient,
    token: str,
    provider: Provider,
    jwks_uri: str,
    nonce: str,
    now: Callable[[], float] = time.time,
) -> Mapping[str, Any]:
    """The claims of an id_token (OpenID Connect Core 1.0, 3.1.3.7). Raises `Unauthenticated`."""
    rules = Rules(provider.issuer, provider.client_id, PUBLISHED, client.keys(jwks_uri))
    claims = await verified(token, rules, now)
    told = claims.get("nonce")
    if not isinstance(told, str) or not secrets.compare_digest(told.encode(), nonce.encode()):
        raise Unauthenticated(reason=_NOT_OURS)
    issued_at = claims.get("iat")
    if not isinstance(issued_at, int | float) or issued_at < now() - OLDEST_S - LEEWAY_S:
        raise Unauthenticated(reason=_NOT_OURS)
    if not _is_for_us_alone(claims, provider.client_id):
        raise Unauthenticated(reason=_NOT_OURS)
    return claims


def _is_for_us_alone(claims: Mapping[str, Any], client_id: str) -> bool:
    """`aud` has named us before; where it names others too, `azp` tells who asked."""
    audience, asked = claims.get("aud"), claims.get("azp")
    has_others = isinstance(audience, list) and set(map(str, audience)) != {client_id}
    return asked == client_id if has_others or asked is not None else True


async def _person(identity: Identity, provider: Provider, claimed: Claimed, cause: Cause) -> UUID:
    """By the subject; the first time by an address that the provider has verified, and then only
    who belongs to the company, was invited to it, or is new here and may join.
    """
    tenant_id, issuer = provider.tenant_id, provider.issuer
    person_id = await identity.providers.linked(tenant_id, issuer, claimed.subject)
    if person_id is None:
        person_id = (await _member(identity, provider, claimed, cause)).person_id
        if not await identity.providers.link(tenant_id, issuer, claimed.subject, person_id):
            who = "who has the address of another"
            raise Forbidden(who=who, what="sign in as them; their admin can tell more")
    return person_id


async def _member(identity: Identity, provider: Provider, claimed: Claimed, cause: Cause) -> Person:
    if claimed.email is None:
        reason = "your company's provider has not verified your address"
        raise Unauthenticated(reason=reason)
    known = await identity.persons.by_email(claimed.email)
    if known and await identity.companies.role(provider.tenant_id, known.person_id):
        return known
    joining = await _invitation(identity, provider, claimed.email)
    if joining is None and known:
        what = "join by the provider: sign in with their password, or ask for an invitation"
        raise Forbidden(who="who has an account already", what=what)
    if joining is None and not provider.lets_join(claimed.email):
        raise Forbidden(who=claimed.email, what="join this company without an invitation")
    person = known or await _new_person(identity, claimed, claimed.email)
    command = Join(person.person_id, joining or uuid4(), None if joining else provider.role)
    stream = company_stream(provider.tenant_id)
    await execute(identity.events, COMPANIES, stream, command, cause=cause)
    return person


async def _invitation(identity: Identity, provider: Provider, email: str) -> UUID | None:
    """An open one to this address."""
    for invitation in await identity.companies.invitations(provider.tenant_id):
        if invitation.email == email:
            return invitation.invitation_id
    return None


async def _new_person(identity: Identity, claimed: Claimed, email: str) -> Person:
    """With a password that nobody knows; whoever reads the address's mail can set one."""
    nobodys = await identity.passwords.hash(new_secret())
    return await identity.persons.add(SigningUp(email, claimed.name, nobodys, ""))


def _session(provider: Provider, person_id: UUID, role: Role, visitor: Visitor) -> Session:
    now = utc_now()
    return Session(
        session_id="",
        person_id=person_id,
        tenant_id=provider.tenant_id,
        role=role,
        awaits_code=False,
        is_remembered=False,
        browser=visitor.browser,
        address=visitor.address,
        created_at=now,
        expires_at=now + HOLDS_FOR,
        checked_at=now,
        by_provider=True,
    )


def _challenge(verifier: str) -> str:
    digest = sha256(verifier.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
