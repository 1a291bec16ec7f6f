"""All that a request passes before its route, in order, as the settings say."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from cluster.settings_gateway import GatewaySettings, split
from cluster.telemetry import Metrics
from cluster.tracing import HEADER as TRACE_HEADER
from deployments.gateway.deadlines import Deadlines
from deployments.gateway.once import HEADER as ONCE_HEADER
from deployments.gateway.once import REPLAYED, Once
from deployments.gateway.proxies import BelieveProxies
from deployments.gateway.rate_limits import RateLimits
from deployments.headers import CORRELATION_HEADER
from deployments.middleware import Correlate, Limit
from domain.limits import quotas

_SENT = ("Authorization", "Content-Type", ONCE_HEADER, CORRELATION_HEADER, TRACE_HEADER)
_SHOWN = (CORRELATION_HEADER, "Location", "RateLimit", "RateLimit-Policy", "Retry-After", REPLAYED)
_PREFLIGHT_KEPT_S = 600


def add_gateway(app: FastAPI, settings: GatewaySettings, metrics: Metrics) -> None:
    """What is added last is passed first."""
    app.add_middleware(Once)
    app.add_middleware(RateLimits, table=quotas(settings.quota_scale or 1.0), metrics=metrics)
    origins = split(settings.origins)
    app.add_middleware(
        Limit,
        max_body_bytes=settings.max_body_bytes,
        hosts=split(settings.hosts),
        origins=origins,
    )
    app.add_middleware(
        Deadlines, body_within_s=settings.body_within_s, answer_within_s=settings.answer_within_s
    )
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=("GET", "POST", "PUT", "PATCH", "DELETE"),
            allow_headers=_SENT,
            expose_headers=_SHOWN,
            max_age=_PREFLIGHT_KEPT_S,
        )
    app.add_middleware(Correlate, metrics=metrics)
    app.add_middleware(BelieveProxies, proxies=settings.trusted)
