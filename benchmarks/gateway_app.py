"""The trivial route of `benchmarks.gateway`: alone, behind our gateway, and behind slowapi and
PyJWT. Each is built in a process of its own, which `MCH_REDIS__*` tells where to count.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Annotated, Any
from uuid import UUID

import jwt
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from joserfc.jwk import OctKey
from slowapi import Limiter
from slowapi.errors import RateLimitExceeded
from starlette.requests import HTTPConnection

from cluster.clients.jwks import FixedKeys
from cluster.settings import Settings
from cluster.stores.rates import RedisRates
from cluster.stores.redis import open_redis
from cluster.telemetry import Metrics
from deployments.gateway.callers import Callers
from deployments.gateway.rate_limits import RateLimits
from deployments.guard import Allows
from deployments.issuers import supabase_principal
from deployments.tokens import Issuer, Tokens
from domain.access import PERMISSIONS, Permission, Principal, Role
from domain.limits import Limit, Per, RouteClass

ANSWER = {"answer": "pong"}
ISSUER, AUDIENCE = "https://benchmark.example/auth/v1", "authenticated"
SECRET = "a shared secret of a benchmark, of 32 bytes and more"  # noqa: S105 - nothing behind it
TENANT = UUID(int=7)
QUOTA = 10_000_000
"""Nobody is refused: what is compared is the price of counting."""


def token(expires_at: float) -> str:
    """What both sides verify."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "clerk",
        "exp": int(expires_at),
        "app_metadata": {"tenant_id": str(TENANT), "role": "viewer"},
    }
    return jwt.encode(claims, SECRET, algorithm="HS256")


def bare() -> FastAPI:
    app = FastAPI()

    @app.get("/ping")
    async def ping() -> dict[str, str]:
        return ANSWER

    return app


def ours() -> FastAPI:
    """Two limits, by user and by tenant, a verified token, a permission, the standard headers."""
    keys = FixedKeys([OctKey.import_key(SECRET)])
    issuer = Issuer(ISSUER, AUDIENCE, frozenset({"HS256"}), keys, supabase_principal)
    tokens = Tokens([issuer])

    async def identify(connection: HTTPConnection) -> Principal:
        told = connection.headers.get("authorization", "")
        return await tokens.principal(told.removeprefix("Bearer "))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_redis(Settings().redis) as redis:
            parts = {"rates": RedisRates(redis), "find_caller": Callers(tokens)}
            app.state.backends = SimpleNamespace(**parts)
            yield

    app = FastAPI(lifespan=lifespan)
    app.state.identify = identify
    limits = (Limit("read", Per.USER, QUOTA), Limit("tenant", Per.TENANT, QUOTA))
    app.add_middleware(
        RateLimits,
        table=dict.fromkeys(RouteClass, limits),
        metrics=Metrics.new(),
    )

    @app.get("/ping")
    async def ping(
        principal: Annotated[Principal, Depends(Allows(Permission.READ_OPPORTUNITIES))],
    ) -> dict[str, str]:
        return ANSWER

    return app


def peer() -> FastAPI:
    """The same with slowapi over the same Redis, moving windows as ours are, and PyJWT."""
    redis = Settings().redis
    password = redis.password.get_secret_value()
    limiter = Limiter(
        key_func=lambda request: request.state.claims["sub"],
        storage_uri=f"redis://:{password}@{redis.host}:{redis.port}/0",
        strategy="moving-window",
        headers_enabled=True,
    )

    async def member(request: Request) -> dict[str, Any]:
        told = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            claims: dict[str, Any] = jwt.decode(
                told, SECRET, algorithms=["HS256"], audience=AUDIENCE, issuer=ISSUER
            )
        except jwt.InvalidTokenError as error:
            raise HTTPException(401) from error
        if Permission.READ_OPPORTUNITIES not in PERMISSIONS[Role(claims["app_metadata"]["role"])]:
            raise HTTPException(403)
        request.state.claims = claims
        return claims

    def tenant(request: Request) -> str:
        return str(request.state.claims["app_metadata"]["tenant_id"])

    app = FastAPI()
    app.state.limiter = limiter
    app.exception_handler(RateLimitExceeded)(_too_many)

    @app.get("/ping")
    @limiter.limit(f"{QUOTA}/minute")
    @limiter.limit(f"{QUOTA}/minute", key_func=tenant)
    async def ping(
        request: Request, response: Response, claims: Annotated[dict[str, Any], Depends(member)]
    ) -> dict[str, str]:
        return ANSWER

    return app


async def _too_many(request: Request, error: Exception) -> Response:
    return Response(status_code=429)
