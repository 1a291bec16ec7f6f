"""The gateway's application as Serve deploys it: memory in place of stores, but limits in Redis."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ray.serve import Application
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cluster.settings import RedisSettings
from cluster.settings_gateway import GatewaySettings
from cluster.stores.rates import RedisRates
from cluster.stores.redis import open_redis
from deployments.app import build_app
from deployments.apps import ReplicaArgs, facing
from deployments.auth import local_principal
from deployments.backends import Backends
from tests.app import Hub, always

REPLICA = "x-replica"


def limited(redis: RedisSettings, scale: float, replicas: int) -> Application:
    """An application whose answers tell which process gave them."""
    args = ReplicaArgs(num_replicas=replicas, num_cpus=0.1)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Backends]:
        async with open_redis(redis) as client:
            backends = Hub(rates=RedisRates(client)).backends()
            yield backends
            await backends.page_images.close()

    def build() -> ASGIApp:
        gateway = GatewaySettings(quota_scale=scale)
        return _Named(build_app(opened, always(local_principal), gateway))

    return facing("app", build, args)


class _Named:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REPLICA] = str(os.getpid())
            await send(message)

        await self._app(scope, receive, tell)
