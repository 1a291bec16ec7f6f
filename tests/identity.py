"""People who sign up and in: the application over memory, with identity over real stores."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from pydantic import SecretStr

from cluster.home import Home
from cluster.sealing import SHORTEST_KEY
from cluster.servers.signing import own_signing_keys
from cluster.settings import AuthSettings, PostgresSettings, Settings
from cluster.settings_tokens import TokenSettings
from cluster.stores.postgres import open_pool
from cluster.stores.redis import open_redis
from deployments.auth import Identify
from deployments.identity import Identity, build_identity, build_resolver
from deployments.tokens import Tokens
from domain.errors import Unavailable
from domain.mail import VALUES, Mail
from tests.app import Hub, running

HUB = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery staple"  # noqa: S105


@dataclass
class Post:
    """Implements `domain.ports.SendsMail`: keeps what is sent, and is as strict as templates."""

    sent: list[Mail] = field(default_factory=list)
    is_away: bool = False

    async def send(self, mail: Mail) -> None:
        if self.is_away:
            raise Unavailable(service="mail", reason="stopped")
        assert set(mail.values) == VALUES[mail.kind]
        self.sent.append(mail)

    def link(self, kind: str, to: str) -> str:
        """Of the last such mail, without the hub's address."""
        links = [one.values["link"] for one in self.sent if (one.kind, one.to) == (kind, to)]
        return urlsplit(links[-1]).path


@dataclass
class People:
    """A hub where people sign in, and what it mails to them."""

    identity: Identity
    resolver: Identify
    post: Post
    app: FastAPI | None = None

    @asynccontextmanager
    async def browser(self, agent: str = "Firefox/1 Linux") -> AsyncIterator[AsyncClient]:
        """Keeps cookies and tells its origin, as browsers do."""
        assert self.app
        async with AsyncClient(
            transport=ASGITransport(self.app, client=("127.0.0.1", 1), raise_app_exceptions=False),
            base_url=HUB,
            headers={"origin": HUB, "accept": "text/html", "user-agent": agent},
        ) as client:
            yield client

    async def sign_up(
        self, client: AsyncClient, email: str, company: str = "Ortiz Medical"
    ) -> Response:
        """Through the mail, up to the first page."""
        told = {"name": "Dana", "company": company, "email": email, "password": PASSWORD}
        assert (await client.post("/sign-up", data=told)).status_code == 200
        link = self.post.link("verify_address", email)
        return await client.post(link, data={"password": PASSWORD})


def own_tokens(stores: Settings) -> TokenSettings:
    """With the keys that this home signs with."""
    return TokenSettings(signing_keys=SecretStr(json.dumps(own_signing_keys(Home(stores.home)))))


@asynccontextmanager
async def people(
    database: PostgresSettings,
    stores: Settings,
    hub: Hub | None = None,
    *,
    is_local: bool = True,
    public_url: str = "",
    operators: str = "",
    inside_provider: str = "",
) -> AsyncIterator[People]:
    """`is_local`: whether the hub lets in who does not sign in."""
    keys = SecretStr("k" * SHORTEST_KEY)
    auth = AuthSettings(
        local=is_local,
        public_url=public_url,
        sealing_keys=keys,
        operators=operators,
        inside_provider=inside_provider,
    )
    settings = stores.model_copy(update={"auth": auth, "tokens": own_tokens(stores), "port": 8000})
    async with (
        open_pool(database, "mch_app") as pool,
        open_redis(settings.redis) as redis,
    ):
        await redis.flushall()
        post = Post()
        identity = build_identity(pool, redis, post, settings)
        hub = replace(hub or Hub(), identity=identity)
        bearer = Tokens([identity.issuer.issuer()])
        found = People(identity, build_resolver(pool, redis, bearer, settings), post)
        async with running(hub, found.resolver) as found.app:
            yield found
