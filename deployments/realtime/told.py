"""Credentials that open no socket, in the audit log of the company they belong to."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from starlette.requests import HTTPConnection

from cluster.settings import Settings
from cluster.stores.audit import PostgresAudit
from cluster.stores.postgres import open_pool
from deployments.auth import Identify
from deployments.gateway.audited import STRANGER
from deployments.gateway.refusals import Refusals
from deployments.identity import open_identify
from domain.access import Principal
from domain.audit import Act, AuditLog
from domain.errors import Unauthenticated, Unavailable

logger = logging.getLogger(__name__)

ACTION = "refused credential: socket"


class TellingIdentify:
    """Implements `deployments.auth.Identify`. Who is refused is refused, told or not."""

    def __init__(self, identify: Identify, audit: AuditLog) -> None:
        self._identify = identify
        self._audit = audit
        self._refusals = Refusals()

    async def __call__(self, connection: HTTPConnection) -> Principal:
        try:
            return await self._identify(connection)
        except Unauthenticated as error:
            await self._tell(connection, error)
            raise

    async def _tell(self, connection: HTTPConnection, error: Unauthenticated) -> None:
        told = self._refusals.told(error.tenant_id, ACTION) if error.tenant_id else None
        if error.tenant_id is None or told is None:
            return
        act = Act(
            tenant_id=error.tenant_id,
            actor=STRANGER,
            credential=error.credential,
            action=told,
            subject="",
            correlation_id=uuid4(),
            details={"address": connection.client.host if connection.client else ""},
        )
        try:
            await self._audit.record(act)
        except Unavailable as untold:
            logger.warning("a refused credential at a socket is not in the audit log: %s", untold)


@asynccontextmanager
async def open_telling_identify() -> AsyncIterator[Identify]:
    """Implements `deployments.auth.OpenIdentify`, from this process's own settings."""
    async with (
        open_identify() as identify,
        open_pool(Settings().postgres, "mch_app", size=1) as pool,
    ):
        yield TellingIdentify(identify, PostgresAudit(pool))
