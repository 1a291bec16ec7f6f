"""What signing in needs: people, sessions, companies, keys, mail; opened once in each replica."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

import httpx
from redis.asyncio import Redis
from starlette.requests import HTTPConnection

from cluster.passwords import Passwords
from cluster.sealing import Seals
from cluster.settings import Settings
from cluster.settings_gateway import split
from cluster.stores.api_keys import StoredApiKeys
from cluster.stores.attempts import RedisAttempts
from cluster.stores.companies import PostgresCompanies, project_company
from cluster.stores.consents import PostgresConsents
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.mail_wishes import PostgresMailWishes
from cluster.stores.passkey_challenges import RedisPasskeyChallenges
from cluster.stores.passkeys import PostgresPasskeys
from cluster.stores.persons import PostgresPersons
from cluster.stores.postgres import Pool, open_pool
from cluster.stores.profiles import PostgresProfiles
from cluster.stores.providers import PostgresProviders
from cluster.stores.redis import open_redis
from cluster.stores.service_accounts import StoredServiceAccounts
from cluster.stores.sessions import RedisSessions
from cluster.stores.sign_in_flows import RedisSignInFlows
from cluster.unsubscribing import UnsubscribeLinks
from deployments.auth import BearerTokens, Identify, Resolver, SessionTokens, local_principal
from deployments.issuers import OwnIssuer, trusted_issuers
from deployments.tokens import Tokens
from domain.access import SERVICE, Permission, Principal, Role
from domain.clock import Clock, utc_now
from domain.company import COMPANY
from domain.errors import Unauthenticated
from domain.flows import EVENT_TYPES
from domain.passkey import RelyingParty, relying_party
from domain.ports import EventStore, SendsMail
from domain.session import CHECKED_EVERY, principal_of


@dataclass(frozen=True, slots=True)
class Identity:
    """`public_url` is what links in mails begin with. `inside_provider` is the one origin of
    companies' providers that may lie inside. `sends_pages`: the hub has a key of who recognises
    pages elsewhere, so that a consent to it has effect.
    """

    persons: PostgresPersons
    passwords: Passwords
    passkeys: PostgresPasskeys
    challenges: RedisPasskeyChallenges
    sessions: RedisSessions
    attempts: RedisAttempts
    companies: PostgresCompanies
    consents: PostgresConsents
    profiles: PostgresProfiles
    keys: StoredApiKeys
    services: StoredServiceAccounts
    issuer: OwnIssuer
    providers: PostgresProviders
    flows: RedisSignInFlows
    inside_provider: str
    events: EventStore
    mail: SendsMail
    wishes: PostgresMailWishes
    unsubscribing: UnsubscribeLinks
    public_url: str
    lets_local_in: bool
    sends_pages: bool = False

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the hub over https alone."""
        return self.public_url.startswith("https://")

    @property
    def relying_party(self) -> RelyingParty | None:
        """For whom passkeys are made: told by no request. None where browsers make none."""
        return relying_party(self.public_url)


class Memberships(Protocol):
    """The part of `PostgresCompanies` that `SignedIn` needs."""

    async def role(self, tenant_id: UUID, person_id: UUID) -> Role | None: ...


class SignedIn(SessionTokens):
    """Sessions, looked at again each minute: what Redis missed ends with it."""

    def __init__(
        self, sessions: RedisSessions, companies: Memberships, clock: Clock = utc_now
    ) -> None:
        self._sessions = sessions
        self._companies = companies
        self._clock = clock

    async def principal(self, token: str) -> Principal:
        session = await self._sessions.find(token)
        if session.awaits_code:
            raise Unauthenticated(reason="the code of your second factor is missing")
        if session.tenant_id and self._clock() - session.checked_at >= CHECKED_EVERY:
            role = await self._companies.role(session.tenant_id, session.person_id)
            session = await self._sessions.renew(token, session, role)
        return principal_of(session)


class Accounted(BearerTokens):
    """Tokens of service accounts hold while their account does."""

    def __init__(self, tokens: BearerTokens, accounts: StoredServiceAccounts) -> None:
        self._tokens = tokens
        self._accounts = accounts

    async def principal(self, token: str) -> Principal:
        principal = await self._tokens.principal(token)
        if principal.user_id.startswith(SERVICE):
            return await self._accounts.narrow(principal)
        return principal


class WithOperators:
    """Implements `Identify`: whom the settings name may operate the hub besides."""

    def __init__(self, identify: Identify, operators: Collection[str]) -> None:
        self._identify = identify
        self._operators = frozenset(operators)

    async def __call__(self, connection: HTTPConnection) -> Principal:
        principal = await self._identify(connection)
        if f"{principal.tenant_id}/{principal.user_id}" not in self._operators:
            return principal
        return replace(principal, permissions=principal.permissions | {Permission.OPERATE})


def build_identity(pool: Pool, redis: Redis, mail: SendsMail, settings: Settings) -> Identity:
    return Identity(
        persons=PostgresPersons(pool, open_seals(settings)),
        passwords=Passwords(),
        passkeys=PostgresPasskeys(pool),
        challenges=RedisPasskeyChallenges(redis),
        sessions=RedisSessions(redis),
        attempts=RedisAttempts(redis),
        companies=PostgresCompanies(pool),
        consents=PostgresConsents(pool),
        profiles=PostgresProfiles(pool),
        keys=StoredApiKeys(pool, redis),
        services=StoredServiceAccounts(pool, redis),
        issuer=OwnIssuer(settings.tokens),
        providers=PostgresProviders(pool, open_seals(settings)),
        flows=RedisSignInFlows(redis),
        inside_provider=settings.auth.inside_provider,
        events=PostgresEventStore(pool, EVENT_TYPES, {COMPANY: project_company}),
        mail=mail,
        wishes=PostgresMailWishes(pool),
        unsubscribing=UnsubscribeLinks(open_seals(settings), settings.public_url),
        public_url=settings.public_url,
        lets_local_in=settings.lets_local_in,
        sends_pages=settings.ocr.sends,
    )


def open_seals(settings: Settings) -> Seals:
    """Raises `Invalid` where no key is set: nothing is kept in clear instead."""
    return Seals(settings.auth.sealing_keys.get_secret_value())


def build_resolver(pool: Pool, redis: Redis, bearer: BearerTokens, settings: Settings) -> Identify:
    """For routes and sockets alike."""
    resolver = Resolver(
        SignedIn(RedisSessions(redis), PostgresCompanies(pool)),
        StoredApiKeys(pool, redis),
        Accounted(bearer, StoredServiceAccounts(pool, redis)),
        local_principal if settings.lets_local_in else None,
    )
    return WithOperators(resolver, split(settings.auth.operators))


@asynccontextmanager
async def open_identify() -> AsyncIterator[Identify]:
    """Implements `deployments.auth.OpenIdentify`, from this process's own settings."""
    settings = Settings()
    async with (
        open_pool(settings.postgres, "mch_app", size=2) as pool,
        open_redis(settings.redis) as redis,
        httpx.AsyncClient() as http,
    ):
        bearer = Tokens(list(trusted_issuers(settings.tokens, http)))
        yield build_resolver(pool, redis, bearer, settings)
