"""One opportunity with all that stands beside it, for the API and for its page alike."""

import asyncio
from uuid import UUID

from deployments.backends import Backends
from deployments.shapes import NOT_SCORED, FitShape
from deployments.shapes_one import OpportunityShape, one_shape


async def read_opportunity(ports: Backends, tenant_id: UUID, notice_id: str) -> OpportunityShape:
    """Raises `NotFound` and `Unavailable`."""
    row = await ports.opportunities.get(notice_id)
    notice = row.notice
    texts, contacts, related, known = await asyncio.gather(
        ports.texts.get([notice.description_digest] if notice.description_digest else []),
        ports.reads.contacts(notice_id),
        ports.reads.related(notice_id),
        ports.matches.known(tenant_id, [notice_id]),
    )
    fit = known[notice_id].fit if notice_id in known else None
    return one_shape(
        row,
        description=texts.get(notice.description_digest or ""),
        contacts=tuple(contacts),
        related=tuple(related),
        fit=FitShape.model_validate(fit) if fit else NOT_SCORED,
        degraded=(),
    )
