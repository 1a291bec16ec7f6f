"""The application `app`: the REST API and the pages. Knows FastAPI and the domain, and no Ray."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from cluster.settings_gateway import GatewaySettings
from cluster.telemetry import Metrics
from deployments.auth import OpenIdentify
from deployments.backends import OpenBackends
from deployments.gateway.once import Replayed, render_replayed
from deployments.gateway.refusals import Refusals
from deployments.gateway.stack import add_gateway
from deployments.parts import PartsWatch
from deployments.problems import render_crash, render_error, render_http, render_invalid
from deployments.routes import (
    account,
    analytics,
    answers,
    api_keys,
    attachments,
    audit_log,
    companies,
    company_api,
    company_profile,
    company_provider,
    company_sign_in,
    credentials_api,
    dashboard_page,
    document_figures,
    document_pages,
    documents,
    exports,
    figures_page,
    health,
    join,
    jwks,
    list_page,
    mail_page,
    mail_wishes,
    matrix,
    matrix_page,
    members,
    members_api,
    notifications,
    opportunities,
    pages,
    passkey_sign_in,
    passkeys,
    privacy,
    provider_api,
    questions_page,
    services_api,
    services_page,
    sign_in,
    sign_up,
    static,
    system,
    unsubscribe,
    uploads,
    viewer_page,
)
from deployments.web.problem_page import render_problem_page
from deployments.web.render import Assets, Pages
from domain.errors import HubError

ROUTERS = (
    opportunities.router,
    documents.router,
    document_figures.router,
    uploads.router,
    attachments.router,
    analytics.router,
    notifications.router,
    matrix.router,
    answers.router,
    system.router,
    company_api.router,
    members_api.router,
    credentials_api.router,
    services_api.router,
    provider_api.router,
    audit_log.api,
    health.router,
    jwks.router,
    list_page.router,
    mail_page.router,
    mail_wishes.router,
    unsubscribe.router,
    dashboard_page.router,
    matrix_page.router,
    document_pages.router,
    viewer_page.router,
    questions_page.router,
    figures_page.router,
    pages.router,
    sign_in.router,
    sign_up.router,
    company_sign_in.router,
    passkey_sign_in.router,
    join.router,
    account.router,
    passkeys.router,
    companies.router,
    company_profile.router,
    members.router,
    company_provider.router,
    privacy.router,
    exports.pages,
    exports.api,
    api_keys.router,
    services_page.router,
    audit_log.pages,
    static.router,
)


def build_app(
    open_backends: OpenBackends,
    open_identify: OpenIdentify,
    gateway: GatewaySettings | None = None,
) -> FastAPI:
    """Built inside each replica; opens nothing before its lifespan begins."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_backends() as app.state.backends, open_identify() as app.state.identify:
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
    app.state.metrics = Metrics.new()
    app.state.refusals = Refusals()
    app.state.assets = Assets()
    app.state.pages = Pages(app.state.assets)
    app.state.render_problem_page = render_problem_page
    add_gateway(app, gateway or GatewaySettings(), app.state.metrics)
    _render_problems(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


def _render_problems(app: FastAPI) -> None:
    app.exception_handler(HubError)(render_error)
    app.exception_handler(RequestValidationError)(render_invalid)
    app.exception_handler(HTTPException)(render_http)
    app.exception_handler(Replayed)(render_replayed)
    app.exception_handler(Exception)(render_crash)
