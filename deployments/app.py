"""The application `app`: the REST API and the pages. Knows FastAPI and the domain, and no Ray."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from cluster.telemetry import Metrics
from deployments.auth import Identify
from deployments.backends import OpenBackends
from deployments.middleware import Correlate, Limit
from deployments.parts import PartsWatch
from deployments.problems import render_crash, render_error, render_http, render_invalid
from deployments.routes import (
    analytics,
    answers,
    dashboard_page,
    document_pages,
    documents,
    health,
    list_page,
    matrix,
    matrix_page,
    notifications,
    opportunities,
    pages,
    static,
    system,
    uploads,
)
from deployments.web.problem_page import render_problem_page
from deployments.web.render import Assets, Pages
from domain.errors import HubError

ROUTERS = (
    opportunities.router,
    documents.router,
    uploads.router,
    analytics.router,
    notifications.router,
    matrix.router,
    answers.router,
    system.router,
    health.router,
    list_page.router,
    dashboard_page.router,
    matrix_page.router,
    document_pages.router,
    pages.router,
    static.router,
)


def build_app(open_backends: OpenBackends, identify: Identify) -> FastAPI:
    """Built inside each replica; opens nothing before its lifespan begins."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_backends() as app.state.backends:
            app.state.parts = PartsWatch(app.state.backends)
            yield
            await app.state.parts.close()

    app = FastAPI(
        title="MedContractHub",
        version="1",
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.identify = identify
    app.state.metrics = Metrics.new()
    app.state.assets = Assets()
    app.state.pages = Pages(app.state.assets)
    app.state.render_problem_page = render_problem_page
    app.add_middleware(Limit)
    app.add_middleware(Correlate, metrics=app.state.metrics)
    _render_problems(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


def _render_problems(app: FastAPI) -> None:
    app.exception_handler(HubError)(render_error)
    app.exception_handler(RequestValidationError)(render_invalid)
    app.exception_handler(HTTPException)(render_http)
    app.exception_handler(Exception)(render_crash)
