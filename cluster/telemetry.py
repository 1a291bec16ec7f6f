"""What the hub tells about itself: one catalogue of metrics, and JSON log lines."""

import json
import logging
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from cluster.redaction import redact

MetricName = Literal[
    "mch_http_requests_total",
    "mch_http_request_seconds",
    "mch_lag_positions",
    "mch_part_up",
    "mch_limited_requests_total",
    "mch_uncounted_requests_total",
]

HELP: dict[MetricName, str] = {
    "mch_http_requests_total": "HTTP requests answered by this replica",
    "mch_http_request_seconds": "Time from a request's arrival to the end of its answer",
    "mch_lag_positions": "Positions that a post is behind what is published",
    "mch_part_up": "1 up, 0.5 degraded, 0 down",
    "mch_limited_requests_total": "Requests refused with 429, by class of route",
    "mch_uncounted_requests_total": "Requests that met a Redis that was down, and their fate",
}
PART_UP = {"up": 1.0, "degraded": 0.5, "down": 0.0}
DURATIONS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_requests = logging.getLogger("mch.requests")


@dataclass(frozen=True, slots=True)
class Metrics:
    """The metrics of one process, in a registry of their own."""

    registry: CollectorRegistry
    requests: Counter
    request_seconds: Histogram
    lag: Gauge
    part_up: Gauge
    limited_requests: Counter
    uncounted_requests: Counter

    @classmethod
    def new(cls) -> "Metrics":
        registry = CollectorRegistry()
        route = ("method", "route")
        return cls(
            registry=registry,
            requests=Counter(
                *_named("mch_http_requests_total"), (*route, "status"), registry=registry
            ),
            request_seconds=Histogram(
                *_named("mch_http_request_seconds"), route, registry=registry, buckets=DURATIONS_S
            ),
            lag=Gauge(*_named("mch_lag_positions"), ("post",), registry=registry),
            part_up=Gauge(*_named("mch_part_up"), ("part",), registry=registry),
            limited_requests=Counter(
                *_named("mch_limited_requests_total"), ("class",), registry=registry
            ),
            uncounted_requests=Counter(
                *_named("mch_uncounted_requests_total"), ("class", "fate"), registry=registry
            ),
        )

    def count_request(self, method: str, route: str, status: int, duration_s: float) -> None:
        self.requests.labels(method, route, str(status)).inc()
        self.request_seconds.labels(method, route).observe(duration_s)

    def render(self) -> bytes:
        """Prometheus text format 0.0.4."""
        return generate_latest(self.registry)


def log_request(
    method: str, route: str, status: int, duration_s: float, correlation_id: UUID
) -> None:
    """One line for each request; the path's values and the query stay out of it."""
    _requests.info(
        "%s %s %d",
        method,
        route,
        status,
        extra={
            "facts": {
                "method": method,
                "route": route,
                "status": status,
                "duration_ms": round(duration_s * 1000, 1),
                "correlation_id": str(correlation_id),
            }
        },
    )


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, the facts given, and a trace; what is
    personal or lets someone in is left out of all of them.
    """

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return redact(json.dumps(line, default=str))


def log_json(level: int = logging.INFO) -> None:
    """Send what this process logs under `mch` to its standard error, as JSON. Idempotent."""
    logger = logging.getLogger("mch")
    if any(isinstance(handler.formatter, JsonFormatter) for handler in logger.handlers):
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False


def _named(name: MetricName) -> tuple[str, str]:
    return name, HELP[name]
