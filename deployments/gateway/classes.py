"""Which limits a request counts against: told from its method and path, before any route is found.

So a path that is none counts too, and a route cannot forget to.
"""

import re

from domain.limits import RouteClass

_OPEN = re.compile(r"/(static|health|\.well-known)/|/metrics$")
_SEARCH = re.compile(r"(/api/v1)?/opportunities/?$")
_SIGN_IN = re.compile(
    r"/(sign-in|sign-up|verify|reset|join|account/password|account/second-factor|account/passkeys)(/|$)"
)
_SAFE = {"GET", "HEAD", "OPTIONS"}


def classify(method: str, path: str) -> RouteClass:
    if method in _SAFE:
        if _OPEN.match(path):
            return RouteClass.OPEN
        return RouteClass.SEARCH if _SEARCH.match(path) else RouteClass.READ
    return RouteClass.SIGN_IN if _SIGN_IN.match(path) else RouteClass.WRITE
