"""What holds for every route, whoever adds it."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any, get_args

import pytest
from fastapi.routing import APIRoute
from httpx import AsyncClient

from cluster.telemetry import HELP, JsonFormatter, MetricName, Metrics
from deployments.app import ROUTERS
from deployments.guard import declared
from deployments.middleware import MAX_BODY_BYTES
from deployments.routes.health import router as health
from deployments.routes.jwks import router as jwks
from deployments.routes.static import router as static
from tests.app import Hub, client_of

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
DOORS = {
    *("/sign-in", "/sign-in/code", "/sign-out", "/sign-up", "/verify/{secret}"),
    *("/sign-in/passkey", "/sign-in/passkey/begin"),
    *("/sign-in/code/passkey", "/sign-in/code/passkey/begin"),
    *("/reset", "/reset/{secret}", "/join/{secret}/new", "/unsubscribe/{secret}"),
    *("/sign-in/company", "/sign-in/company/{name}", "/sign-in/company/{name}/callback"),
}
PUBLIC_FILES = {"/health/live", "/health/ready", "/static/{name}", "/.well-known/jwks.json"}
OPEN_TO_ANYONE = PUBLIC_FILES | DOORS
INVITATION = "/join/{secret}"
"""Read by anyone who holds it, used by who is signed in."""


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.methods} {route.path}")
def test_every_route_declares_one_permission(route: APIRoute) -> None:
    demanded = declared(route)
    assert len(demanded) == 1, "declare a principal of `deployments.guard`, or `anyone`"
    is_reading = route.path == INVITATION and route.methods == {"GET"}
    assert (demanded[0] is None) == (route.path in OPEN_TO_ANYONE or is_reading)


def test_a_route_that_forgets_is_noticed() -> None:
    async def forgetful() -> None: ...

    assert declared(APIRoute("/x", forgetful)) == []


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    async with client_of(Hub()) as client:
        yield client


@pytest.fixture
async def document(client: AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/api/openapi.json")).json()
    return found


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


async def test_every_operation_of_the_api_has_a_typed_answer_and_its_problems(
    document: dict[str, Any],
) -> None:
    found = {name: op for name, op in _operations(document) if " /api/v1" in name}
    assert len(found) >= 8
    for name, operation in found.items():
        if "/api/v1/uploads" in name:
            continue  # tus prescribes answers without a body.
        answers = operation["responses"]["200"]["content"].items()
        assert all("$ref" in told["schema"] or _is_file(kind, told) for kind, told in answers), name
        assert operation["description"] or operation["summary"], name
        for status in ("401", "403", "404", "422", "503"):
            content = operation["responses"][status]["content"]
            assert content["application/problem+json"]["schema"]["$ref"].endswith("/Problem"), name


def _is_file(media_type: str, told: dict[str, Any]) -> bool:
    return "json" not in media_type and told["schema"].get("format") == "binary"


async def test_the_document_has_examples_and_no_dead_reference(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    text = json.dumps(document)
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= set(schemas)
    examples = schemas["OpportunityItem"]["properties"]
    assert examples["solicitation_number"]["examples"]


async def test_every_answer_is_dressed(client: AsyncClient) -> None:
    for path in ("/health/live", "/nowhere", "/api/v1/opportunities", "/opportunities"):
        headers = (await client.get(path)).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-correlation-id"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.9:8000", ""])
async def test_a_rebound_name_reaches_nothing(client: AsyncClient, host: str) -> None:
    answer = await client.get("/api/v1/opportunities", headers={"host": host})
    assert answer.status_code == 421
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
async def test_loopback_names_are_ours(client: AsyncClient, host: str) -> None:
    assert (await client.get("/health/live", headers={"host": host})).status_code == 200


async def test_large_bodies_are_refused_told_or_streamed(client: AsyncClient) -> None:
    async def stream() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 1024 + 1):
            yield b" " * 1024

    told = await client.post("/api/v1/notifications/read", content=b" " * (MAX_BODY_BYTES + 1))
    streamed = await client.post("/api/v1/notifications/read", content=stream())
    assert (told.status_code, streamed.status_code) == (413, 413)


async def test_a_small_stream_is_read_whole(client: AsyncClient) -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield b'{"ids"'
        yield b": []}"

    headers = {"content-type": "application/json"}
    answer = await client.post("/api/v1/notifications/read", content=stream(), headers=headers)
    assert answer.json() == {"unread": 0}


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}],
)
async def test_another_site_cannot_act(client: AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.post("/notifications/read", headers=headers)
    assert answer.status_code == 403


async def test_static_files_are_kept_for_ever_under_their_digest(client: AsyncClient) -> None:
    page = (await client.get("/opportunities")).text
    path = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = await client.get(path)
    assert "immutable" in answer.headers["cache-control"]
    again = await client.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.get("/static/..%2f..%2fapp.py")).status_code == 404


def test_open_routes_are_probes_and_files() -> None:
    open_paths = {route.path for route in [*health.routes, *static.routes, *jwks.routes]}  # type: ignore[attr-defined]
    assert open_paths >= PUBLIC_FILES


def test_every_metric_is_in_the_catalogue() -> None:
    assert set(HELP) == set(get_args(MetricName))
    told = Metrics.new().render().decode()
    assert all(name.removesuffix("_total") in told for name in HELP)


def test_a_log_line_is_one_json_object_with_its_facts() -> None:
    record = logging.LogRecord("mch.requests", logging.INFO, "", 0, "%s", ("GET",), None)
    record.facts = {"status": 200}
    line = json.loads(JsonFormatter().format(record))
    assert (line["message"], line["status"], line["level"]) == ("GET", 200, "info")
    assert line["at"].endswith("Z")
