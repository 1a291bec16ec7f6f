"""Two companies in one hub over the real stores, each with one of everything that can be named."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from cluster.home import Home
from cluster.servers.signing import own_signing_keys
from cluster.settings import PostgresSettings, Settings
from cluster.settings_gateway import GatewaySettings
from cluster.stores.analytics import open_analytics
from cluster.stores.blob_store import S3BlobStore, open_blob_store
from cluster.stores.document_chunks import PostgresDocumentChunks
from cluster.stores.document_pages import DocumentPages
from cluster.stores.postgres import Pool, open_pool
from cluster.stores.redis import open_redis
from cluster.stores.requirements import PostgresRequirements
from cluster.stores.vectors import ensure_live, in_postgres
from deployments.app import build_app
from deployments.backends import Backends
from deployments.document_answers import DocumentAnswers
from deployments.identity import open_identify
from deployments.open_backends import open_backends
from domain.access import PERMISSIONS, PUBLIC, Principal, Role
from domain.document_embedding import DOCUMENT_VECTORS, DOCUMENTS, EmbedDocuments
from domain.document_versions import VersionLink
from domain.notifications import NewNotification, notification_id
from domain.passkey import Passkey
from domain.ports import Lease
from tests.embedding import KeywordEmbedder, KeywordEmbedding
from tests.identity import HUB, PASSWORD, Post
from tests.solicitations import FIRST, SECOND, DocumentFlow

FIREFOX = "Firefox/1 Linux"


@dataclass
class Company:
    """`mark` is a word in everything that it keeps. `named` is what requests can name of it, by
    the parameter or field that does. `browser` is its owner's, signed in; `credentials` are those
    of its programs, which may all that programs can.
    """

    mark: str
    browser: AsyncClient
    tenant_id: UUID = PUBLIC
    named: dict[str, Any] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)


@dataclass
class Seeding:
    """What puts things into the stores of a hub in which nobody works."""

    app: FastAPI
    post: Post
    flow: DocumentFlow
    embed: EmbedDocuments

    @property
    def ports(self) -> Backends:
        backends: Backends = self.app.state.backends
        return backends

    async def found(self, mark: str, browser: AsyncClient) -> Company:
        company = Company(mark, browser)
        owner = f"owner@{mark.lower()}.example"
        await self._sign_up(company, owner)
        person = await self.ports.identity.persons.by_email(owner)
        assert person
        [belongs] = await self.ports.identity.companies.of_person(person.person_id)
        company.tenant_id = belongs.tenant_id
        await self._add_documents(company)
        by = Principal(company.tenant_id, str(person.person_id), PERMISSIONS[Role.OWNER])
        await self._add_people(company, by)
        return company

    async def _sign_up(self, company: Company, owner: str) -> None:
        told = {"name": company.mark, "company": company.mark, "email": owner, "password": PASSWORD}
        assert (await company.browser.post("/sign-up", data=told)).status_code == 200
        link = self.post.link("verify_address", owner)
        answer = await company.browser.post(link, data={"password": PASSWORD})
        assert answer.status_code == 303, answer.text

    async def _add_documents(self, company: Company) -> None:
        mark, tenant_id, name = company.mark, company.tenant_id, f"{company.mark}.pdf"
        lines = [[text.replace("bladder", mark) for text in texts] for texts in (FIRST, SECOND)]
        document_id = await self.flow.draw(lines[0], name, tenant_id=tenant_id)
        newer = await self.flow.draw(lines[1], name, tenant_id=tenant_id)
        await self.flow.pages.put_figures(tenant_id, document_id, 1, [mark.encode()])
        link = VersionLink(document_id, newer, "notice", 0.9)
        await self.flow.keeping.versions.remember(tenant_id, link)
        await self.embed(await self.flow.told("DocumentProcessed"))
        rows = await self.flow.matrices.rows(tenant_id, document_id)
        company.named |= {
            "document_id": str(document_id),
            "number": "1",
            "figure": "1",
            "against": str(document_id),
            "row": rows[0].row_key,
            "rows": [rows[0].row_key],
            "source": rows[0].row_key,
            "target": rows[1].row_key,
            "newer": str(newer),
            "upload_id": await _upload(company.browser, mark),
        }

    async def _add_people(self, company: Company, by: Principal) -> None:
        identity, user_id = self.ports.identity, by.user_id
        colleague = await self._join(company)
        await self._invite(company, f"invited@{company.mark.lower()}.example")
        await self._sign_in_elsewhere(company)
        [invitation] = await identity.companies.invitations(company.tenant_id)
        most = sorted(PERMISSIONS[Role.SERVICE])
        made = await identity.keys.make(by, company.mark, most, 9)
        [session, *_] = await identity.sessions.of(UUID(user_id))
        service = company.mark.lower()
        await identity.services.make(by, service, most, 9)
        token = identity.issuer.sign(service, company.tenant_id, most, lifetime_s=3_600)
        company.credentials = {"key": str(made), "token": token}
        subject = f"{company.named['document_id']}/1"
        passkey = Passkey(
            passkey_id=uuid4(),
            person_id=UUID(user_id),
            name=company.mark,
            credential_id=company.mark.encode(),
            public_key=b"cose",
            sign_count=0,
            transports=(),
            added_at=datetime.now(UTC),
        )
        await identity.passkeys.add(passkey)
        new = NewNotification(
            user_id=user_id, kind="document", subject=subject, score=None, at=datetime.now(UTC)
        )
        await self.ports.notifications.add(company.tenant_id, [new])
        company.named |= {
            "invitation_id": str(invitation.invitation_id),
            "prefix": made.prefix,
            "session_id": session.session_id,
            "person_id": colleague,
            "service_name": service,
            "passkey_id": str(passkey.passkey_id),
            "ids": [str(notification_id(company.tenant_id, user_id, "document", subject))],
        }

    async def _invite(self, company: Company, email: str) -> None:
        told = {"email": email, "role": "viewer"}
        assert (await company.browser.post("/company/invitations", data=told)).status_code == 303

    async def _join(self, company: Company) -> str:
        """A colleague, whose id this returns."""
        email = f"colleague@{company.mark.lower()}.example"
        await self._invite(company, email)
        link = self.post.link("invitation", email)
        async with browser_of(self.app) as colleague:
            told = {"name": company.mark, "password": PASSWORD}
            assert (await colleague.post(f"{link}/new", data=told)).status_code == 303
        person = await self.ports.identity.persons.by_email(email)
        assert person
        return str(person.person_id)

    async def _sign_in_elsewhere(self, company: Company) -> None:
        async with browser_of(self.app) as elsewhere:
            told = {"email": f"owner@{company.mark.lower()}.example", "password": PASSWORD}
            assert (await elsewhere.post("/sign-in", data=told)).status_code == 303


async def _upload(browser: AsyncClient, mark: str) -> str:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "100"}
    answer = await browser.post("/api/v1/uploads", headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"].rpartition("/")[2])


@dataclass
class TwoCompanies:
    app: FastAPI
    first: Company
    second: Company
    pool: Pool
    files: S3BlobStore


def told_by(
    environment: pytest.MonkeyPatch, stores: Settings, database: PostgresSettings
) -> Settings:
    """The settings that a replica of such a hub reads for itself."""
    environment.setenv("MCH_HOME", str(stores.home))
    environment.setenv("MCH_POSTGRES__DSN", str(database.dsn.get_secret_value()))
    environment.setenv("MCH_AUTH__LOCAL", "false")
    environment.setenv("MCH_PORT", "8000")
    environment.setenv("MCH_TOKENS__SIGNING_KEYS", json.dumps(own_signing_keys(Home(stores.home))))
    return Settings()


@asynccontextmanager
async def two_companies(
    settings: Settings, relay: Pool, lease: Lease
) -> AsyncIterator[TwoCompanies]:
    """The hub's own wiring of its stores; mail is kept, and meaning is a matter of words."""
    post, files = Post(), open_blob_store(settings.s3)
    async with (
        open_pool(settings.postgres, "mch_app") as pool,
        open_redis(settings.redis) as redis,
        open_analytics(settings.clickhouse) as analytics,
    ):
        await redis.flushall()
        await analytics.generations.prepare()
        index, chunks = in_postgres(pool).index(DOCUMENTS), PostgresDocumentChunks(pool)
        pages = DocumentPages(pool, files)
        await ensure_live(in_postgres(pool).collections, DOCUMENTS, DOCUMENT_VECTORS)
        answers = DocumentAnswers(
            KeywordEmbedding(), index, chunks, pages, PostgresRequirements(pool)
        )

        @asynccontextmanager
        async def opened() -> AsyncIterator[Backends]:
            async with open_backends() as real:
                yield replace(real, identity=replace(real.identity, mail=post), answers=answers)

        app = build_app(opened, open_identify, GatewaySettings(quota_scale=1_000.0))
        async with (
            app.router.lifespan_context(app),
            browser_of(app) as first,
            browser_of(app) as second,
        ):
            flow = DocumentFlow(pool, relay, lease, files)
            embed = EmbedDocuments(KeywordEmbedder(), index, pages, chunks)
            seeding = Seeding(app, post, flow, embed)
            companies = (
                await seeding.found("Zephyrine", first),
                await seeding.found("Boreal", second),
            )
            yield TwoCompanies(app, *companies, pool, files)


def browser_of(app: FastAPI, host: str = "127.0.0.1") -> AsyncClient:
    """Keeps cookies and tells its origin, as browsers do; without either it is anybody's."""
    return AsyncClient(
        transport=ASGITransport(app, client=(host, 1), raise_app_exceptions=False),
        base_url=HUB,
        headers={"origin": HUB, "accept": "text/html", "user-agent": FIREFOX},
    )


def program_of(app: FastAPI, credential: str) -> AsyncClient:
    """Tells no origin, and keeps no cookies of anybody."""
    return AsyncClient(
        transport=ASGITransport(app, client=("127.0.0.1", 1), raise_app_exceptions=False),
        base_url=HUB,
        headers={"authorization": f"Bearer {credential}", "accept": "application/json"},
    )
