"""The opportunities: found, one by one, and how each became what it is."""

from typing import Annotated

from fastapi import APIRouter, Query

from deployments.backends import Ports
from deployments.guard import Reader
from deployments.params import NoQuery, NoticeId
from deployments.problems import PROBLEMS
from deployments.reading import read_opportunity
from deployments.shapes import OpportunityListQuery, OpportunityPage, page_shape
from deployments.shapes_one import HistoryShape, OpportunityShape, history_shape

router = APIRouter(prefix="/api/v1/opportunities", tags=["opportunities"], responses=PROBLEMS)


@router.get("")
async def list_opportunities(
    query: Annotated[OpportunityListQuery, Query()], principal: Reader, ports: Ports
) -> OpportunityPage:
    """Find opportunities by words, by meaning or by both, and narrow them with filters.

    `naics` and `psc` take prefixes. Filters that can be repeated take alternatives. What could
    not be asked is named in `degraded`; the answer then comes from what remains.
    """
    result = await ports.search.search(principal.tenant_id, query.to_search())
    return page_shape(result, with_facets=query.facets)


@router.get("/{notice_id}")
async def get_opportunity(
    notice_id: NoticeId, query: NoQuery, principal: Reader, ports: Ports
) -> OpportunityShape:
    """Everything known of one opportunity."""
    return await read_opportunity(ports, principal.tenant_id, notice_id)


@router.get("/{notice_id}/history")
async def get_history(
    notice_id: NoticeId, query: NoQuery, principal: Reader, ports: Ports
) -> HistoryShape:
    """How it became what it is: each event, and the fields it changed."""
    return history_shape(notice_id, await ports.opportunities.history(notice_id))
