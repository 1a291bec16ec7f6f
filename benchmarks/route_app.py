"""The route that `benchmarks.route` asks for: the same FastAPI app on uvicorn and under Serve."""

from typing import Any

from fastapi import FastAPI
from ray import serve
from ray.serve import Application
from ray.serve.handle import DeploymentHandle

ANSWER = {"answer": "pong"}

_OPTIONS: dict[str, Any] = {"num_replicas": 1, "max_ongoing_requests": 200}


def build() -> FastAPI:
    """For uvicorn, and inside Serve's replica."""
    app = FastAPI()

    @app.get("/ping")
    async def ping() -> dict[str, str]:
        return ANSWER

    return app


class Direct:
    """Everything it does is in the app that it is wrapped around."""


class Behind:
    async def ping(self) -> dict[str, str]:
        return ANSWER


class Front:
    """Asks another deployment for the answer."""

    def __init__(self, behind: DeploymentHandle) -> None:  # type: ignore[type-arg, unused-ignore]
        self._behind = behind

    async def ask(self) -> dict[str, str]:
        answer: dict[str, str] = await self._behind.ping.remote()
        return answer


def build_front() -> FastAPI:
    """No class-based view: with FastAPI 0.165 Serve takes its `self` for a parameter of the query,
    and answers 422.
    """
    app = FastAPI()

    @app.get("/ping")
    async def ping() -> dict[str, str]:
        front: Any = serve.get_replica_context().servable_object
        answer: dict[str, str] = await front.ask()
        return answer

    return app


def direct(args: dict[str, str]) -> Application:
    application: Application = _deployed(serve.ingress(build)(Direct)).bind()
    return application


def hop(args: dict[str, str]) -> Application:
    behind = _deployed(Behind).bind()
    application: Application = _deployed(serve.ingress(build_front)(Front)).bind(behind)
    return application


def _deployed(replica: type) -> Any:
    return serve.deployment(ray_actor_options={"num_cpus": 0.2}, **_OPTIONS)(replica)
