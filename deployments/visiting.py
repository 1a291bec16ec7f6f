"""What the hub says of a visitor's browser, and of who causes what."""

import re
from uuid import uuid4

from fastapi import Request

from cluster.tracing import spell_trace
from deployments.problems import correlation_id
from deployments.signing_in import Visitor
from domain.access import Principal
from domain.events import Cause

_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def visitor_of(request: Request) -> Visitor:
    host = request.client.host if request.client else "unknown"
    return Visitor(browser_label(request.headers.get("user-agent", "")), host)


def browser_label(told: str) -> str:
    """In two words: enough to recognise one's own, too little to follow anyone."""
    browser = next((name for mark, name in _BROWSERS if mark in told), None)
    system = next((name for mark, name in _SYSTEMS if mark in told), None)
    if browser or system:
        return " on ".join(part for part in (browser or "A browser", system) if part)
    return re.sub(r"[^\w .-]", "", told.partition("/")[0])[:40] or "An unknown program"


async def cause_of(request: Request, principal: Principal | None = None) -> Cause:
    """Everything that one request brings about has one correlation id."""
    return Cause(
        correlation_id=await correlation_id(request),
        causation_id=uuid4(),
        user_id=principal.user_id if principal else None,
        traceparent=spell_trace(),
    )
