"""Why an event came about that someone asked for over HTTP."""

from starlette.requests import Request

from deployments.problems import correlation_id
from domain.access import Principal
from domain.events import Cause


async def cause_of(request: Request, principal: Principal) -> Cause:
    """The same intent in the events as in the log and the problems of this request."""
    intent = await correlation_id(request)
    return Cause(correlation_id=intent, causation_id=intent, user_id=principal.user_id)
