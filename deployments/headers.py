"""The headers that every answer carries: what a browser may do with it, and its correlation id."""

from uuid import UUID

from starlette.datastructures import MutableHeaders

CORRELATION_HEADER = "X-Correlation-ID"

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # With `no-referrer` browsers call a form's origin null.
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def dress(headers: MutableHeaders, correlation_id: UUID) -> None:
    """The headers that every answer carries. A route may set a header of its own first."""
    headers[CORRELATION_HEADER] = str(correlation_id)
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("cache-control", "no-store")
