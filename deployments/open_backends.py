"""The real stores behind the application's ports, from this process's own settings."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
from redis.asyncio import Redis

from cluster.clients.embedding import open_text_embedding, probe_ai
from cluster.clients.mail import SmtpMail
from cluster.clients.sam_gov import SamGov, open_sam_gov
from cluster.engines.page_images import open_page_images
from cluster.engines.reading_process import Bounds
from cluster.home import Home
from cluster.probes import Probe, Probes, http_probe
from cluster.servers.mail_sink.box import MailBox
from cluster.servers.ports import LOOPBACK
from cluster.settings import Profile, Settings
from cluster.stores.analytics import AnalyticsStore, open_analytics
from cluster.stores.api_quota import PostgresApiQuota
from cluster.stores.attachments import PostgresAttachments
from cluster.stores.audit import PostgresAudit
from cluster.stores.blob_store import S3BlobStore, open_blob_store
from cluster.stores.cache import RedisCache
from cluster.stores.document_chunks import PostgresDocumentChunks
from cluster.stores.document_pages import DocumentPages
from cluster.stores.document_versions import PostgresDocumentVersions
from cluster.stores.documents import PostgresDocuments, project_documents
from cluster.stores.doorbell import Ring, open_doorbell
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.idempotency import PostgresIdempotency
from cluster.stores.matches import PostgresMatches
from cluster.stores.matrices import PostgresMatrices
from cluster.stores.matrix_projection import project_matrices
from cluster.stores.notifications import PostgresNotifications
from cluster.stores.opportunities import PostgresOpportunities
from cluster.stores.opportunity_reads import PostgresOpportunityReads
from cluster.stores.opportunity_search import PostgresOpportunitySearch
from cluster.stores.personal_rows import PersonalRows
from cluster.stores.postgres import Pool, open_pool
from cluster.stores.posts import PostgresPosts
from cluster.stores.progress import PostgresProgress
from cluster.stores.rates import RedisRates
from cluster.stores.redis import open_redis
from cluster.stores.requirements import PostgresRequirements
from cluster.stores.system_reads import PostgresSystemReads
from cluster.stores.tenant_documents import TenantDocuments
from cluster.stores.texts import PostgresTextStore
from cluster.stores.uploads import Uploads
from cluster.stores.vectors import Vectors, open_vectors
from cluster.telemetry import log_json
from deployments.backends import Backends
from deployments.document_answers import DocumentAnswers
from deployments.gateway.callers import Callers
from deployments.identity import build_identity
from deployments.issuers import OwnIssuer, trusted_issuers
from deployments.matrix_desk import MatrixDesk
from deployments.taking_along import TakingAlong
from deployments.tokens import Tokens
from domain.document_embedding import DOCUMENTS
from domain.flows import EVENT_TYPES
from domain.matrix import MATRIX
from domain.matrix_keeping import KeepMatrices
from domain.ports import TextEmbedding
from domain.vectors import OPPORTUNITIES

READER_WAITS_S = 8


@asynccontextmanager
async def open_backends() -> AsyncIterator[Backends]:
    """Connects when first asked, so that a replica starts before its stores do."""
    settings, files = _prepared()
    async with (
        _open_stores(settings) as (pool, redis),
        open_text_embedding(settings, RedisCache(redis)) as embedding,
        _open_projections(settings, pool) as (vectors, analytics),
        open_doorbell(pool) as ring,
        open_page_images(files, Bounds.of(settings.reading)) as page_images,
        _open_outside(settings, pool) as (http, entities),
    ):
        yield Backends(
            search=PostgresOpportunitySearch(pool, vectors.index(OPPORTUNITIES), embedding),
            opportunities=PostgresOpportunities(pool, EVENT_TYPES),
            reads=PostgresOpportunityReads(pool),
            texts=PostgresTextStore(pool),
            matches=PostgresMatches(pool),
            documents=_open_documents(pool, files, ring),
            page_images=page_images,
            uploads=Uploads(pool, files),
            attachments=PostgresAttachments(pool),
            analytics=analytics,
            notifications=PostgresNotifications(pool),
            matrix=open_matrix_desk(pool, files),
            answers=_open_answers(pool, files, vectors, embedding),
            system=PostgresSystemReads(pool),
            posts=PostgresPosts(pool),
            lags=PostgresProgress(pool),
            probes=_probes(settings, pool, redis, http),
            rates=RedisRates(redis),
            find_caller=_find_caller(settings, http),
            idempotency=PostgresIdempotency(pool),
            audit=PostgresAudit(pool),
            identity=build_identity(pool, redis, SmtpMail(settings.mail), settings),
            taking_along=TakingAlong(PersonalRows(pool), files),
            requests_per_day=settings.sam_gov.requests_per_day,
            published_keys=OwnIssuer(settings.tokens).published(),
            entities=entities,
            sunk_mails=_sunk_mails(settings),
        )


@asynccontextmanager
async def _open_projections(
    settings: Settings, pool: Pool
) -> AsyncIterator[tuple[Vectors, AnalyticsStore]]:
    async with (
        open_vectors(settings, pool) as vectors,
        open_analytics(settings.clickhouse, answers_within_s=READER_WAITS_S) as analytics,
    ):
        yield vectors, analytics


@asynccontextmanager
async def _open_stores(settings: Settings) -> AsyncIterator[tuple[Pool, Redis]]:
    async with (
        open_pool(settings.postgres, "mch_app") as pool,
        open_redis(settings.redis) as redis,
    ):
        yield pool, redis


@asynccontextmanager
async def _open_outside(
    settings: Settings, pool: Pool
) -> AsyncIterator[tuple[httpx.AsyncClient, SamGov | None]]:
    """SAM.gov with the quota that the synchronisation spends from too, where it can be asked."""
    told = settings.sam_gov
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient())
        sam_gov = None
        if told.base_url or told.api_key.get_secret_value():
            quota = PostgresApiQuota(pool, "sam_gov", told.requests_per_day)
            sam_gov = await stack.enter_async_context(open_sam_gov(told, quota))
        yield http, sam_gov


def _prepared() -> tuple[Settings, S3BlobStore]:
    log_json()
    settings = Settings()
    return settings, open_blob_store(settings.s3)


def _open_documents(pool: Pool, files: S3BlobStore, ring: Ring) -> TenantDocuments:
    events = PostgresEventStore(pool, EVENT_TYPES, {"Document": project_documents}, ring)
    return TenantDocuments(pool, files, events)


def _open_answers(
    pool: Pool, files: S3BlobStore, vectors: Vectors, embedding: TextEmbedding
) -> DocumentAnswers:
    chunks, pages = PostgresDocumentChunks(pool), DocumentPages(pool, files)
    return DocumentAnswers(
        embedding, vectors.index(DOCUMENTS), chunks, pages, PostgresRequirements(pool)
    )


def _find_caller(settings: Settings, http: httpx.AsyncClient) -> Callers:
    tokens = Tokens(list(trusted_issuers(settings.tokens, http)))
    return Callers(tokens, lets_local_in=settings.lets_local_in)


def _sunk_mails(settings: Settings) -> MailBox | None:
    """Where this home's hub runs the sink, its folder is on this machine."""
    folder = Home(settings.home).data("mail")
    sinks = settings.profile is Profile.EMBEDDED and settings.mail.host == LOOPBACK
    return MailBox(folder) if sinks and folder.is_dir() else None


def open_matrix_desk(pool: Pool, files: S3BlobStore) -> MatrixDesk:
    events = PostgresEventStore(pool, EVENT_TYPES, {MATRIX.aggregate_type: project_matrices})
    requirements, matrices = PostgresRequirements(pool), PostgresMatrices(pool)
    versions = PostgresDocumentVersions(pool, DocumentPages(pool, files))
    keeping = KeepMatrices(requirements, matrices, events, versions)
    return MatrixDesk(PostgresDocuments(pool), requirements, matrices, events, keeping)


def _probes(
    settings: Settings, pool: Pool, redis: Redis, http: httpx.AsyncClient
) -> dict[str, Probe]:
    return Probes(settings, pool, redis, http).all() | _applications(settings, http)


def _applications(settings: Settings, http: httpx.AsyncClient) -> dict[str, Probe]:
    """Ours, asked by the way on which browsers reach them."""
    hub = f"http://127.0.0.1:{settings.port or 8000}"

    async def ai() -> str:
        return await probe_ai(settings)

    return {"ai": ai, "realtime": http_probe(http, "realtime", f"{hub}/socket.io/health")}
