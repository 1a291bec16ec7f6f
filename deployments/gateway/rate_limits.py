"""Rate limits: one look into Redis a request, the standard headers, and 429 with a problem.

Headers as in draft-ietf-httpapi-ratelimit-headers-10: `RateLimit-Policy: "read";q=1200;w=60` and
`RateLimit: "read";r=1199;t=60`, one member a limit.
"""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cluster.stores.rates import Counted, Rates, Shown
from cluster.stores.redis import foreseeing
from cluster.telemetry import Metrics
from deployments.gateway.callers import FindCaller
from deployments.gateway.classes import classify
from deployments.problems import render_error
from domain.errors import LimitExceeded, Unavailable
from domain.limits import Limit, RouteClass, Standing, Uncounted

logger = logging.getLogger("mch.rates")

TOLD_EVERY_S = 10.0

Table = Mapping[RouteClass, Sequence[Limit]]


class RateLimits:
    """Counts before anything is done for a request. What was read with it is foreseen, so that who
    asks is known without another look (`cluster.stores.redis.foreseeing`).
    """

    def __init__(self, app: ASGIApp, table: Table, metrics: Metrics) -> None:
        self._app = app
        self._table = table
        self._metrics = metrics
        self._silent_until = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route_class = classify(scope["method"], scope["path"]) if scope["type"] == "http" else None
        limits = self._table[route_class] if route_class else ()
        if not route_class or not limits:
            await self._app(scope, receive, send)
            return
        try:
            shown, counted = await self._count(scope, limits)
        except Unavailable as outage:
            await self._go_on_uncounted(outage, route_class, scope, receive, send)
            return
        policy, standing = headers(counted.verdict.standings)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = MutableHeaders(scope=message)
                told["RateLimit-Policy"], told["RateLimit"] = policy, standing
            await send(message)

        if counted.verdict.passes:
            with _foreseen(shown, counted):
                await self._app(scope, receive, answer)
            return
        self._metrics.limited_requests.labels(route_class).inc()
        refusal = LimitExceeded(
            what=f"requests of the class {route_class}", retry_after_s=counted.verdict.retry_after_s
        )
        response = await render_error(Request(scope), refusal)
        await response(scope, receive, answer)

    async def _count(self, scope: Scope, limits: Sequence[Limit]) -> tuple[Shown | None, Counted]:
        backends = scope["app"].state.backends
        rates: Rates = backends.rates
        find_caller: FindCaller = backends.find_caller
        caller = await find_caller(HTTPConnection(scope))
        return caller.shown, await rates.count(limits, caller.asker, caller.shown)

    async def _go_on_uncounted(
        self,
        outage: Unavailable,
        route_class: RouteClass,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """As the table says, and never in silence: a log line, a count, and no `RateLimit`."""
        limits = self._table[route_class]
        refused = any(limit.uncounted is Uncounted.REFUSE for limit in limits)
        fate = Uncounted.REFUSE if refused else Uncounted.PASS
        self._metrics.uncounted_requests.labels(route_class, fate).inc()
        if time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + TOLD_EVERY_S
            facts = {"class": route_class, "fate": fate, "reason": outage.reason}
            logger.warning("requests are not counted", extra={"facts": facts})
        if refused:
            response = await render_error(Request(scope), outage)
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _foreseen(shown: Shown | None, counted: Counted) -> AbstractContextManager[None]:
    if shown is None or not counted.has_looked:
        return nullcontext()
    return foreseeing(shown.record_key, counted.record)


def headers(standings: Iterable[Standing]) -> tuple[str, str]:
    """The values of `RateLimit-Policy` and `RateLimit`."""
    told = list(standings)
    policy = [f'"{s.limit.name}";q={s.limit.quota};w={s.limit.window_s}' for s in told]
    standing = [f'"{s.limit.name}";r={s.left};t={s.reset_s}' for s in told]
    return ", ".join(policy), ", ".join(standing)
