"""What one company may never see or touch of another: every operation, replayed."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.routing import APIRoute
from httpx import AsyncClient, Response

from cluster.settings import PostgresSettings, Settings
from cluster.stores.postgres import Pool, as_tenant
from deployments.app import ROUTERS, build_app
from domain.ports import Lease
from tests.replay import Case, Operation, operations, send
from tests.two_companies import (
    Company,
    TwoCompanies,
    browser_of,
    program_of,
    told_by,
    two_companies,
)

pytestmark = pytest.mark.stores

PUBLIC_NAMES = {"notice_id", "name"}
"""In a path, what these name belongs to everyone."""
OF_SOMEONE = {
    *(
        "document_id",
        "number",
        "figure",
        "upload_id",
        "against",
        "row",
        "rows",
        "source",
        "target",
        "ids",
    ),
    *("invitation_id", "prefix", "session_id", "person_id", "service_name"),
    "passkey_id",
}
"""What a request can name of a company's. `tests.two_companies` makes one of each."""
SECRETS = {"secret"}
"""Names that are proofs themselves: who holds the link is meant by it."""

TENANT_TABLES = """
select relname from pg_class join pg_attribute on attrelid = pg_class.oid and attname = 'tenant_id'
where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and not attisdropped
    and not relispartition and has_table_privilege('mch_app', pg_class.oid, 'select')
order by relname
"""
FORMS: Mapping[str, Mapping[str, str]] = {
    "/company/members/{person_id}/role": {"role": "viewer"},
    "/documents/{document_id}/matrix": {"status": "answered"},
    "/documents/{document_id}/matrix/links": {"verdict": "confirmed"},
}
REPEATABLE = {"/company/invitations/{invitation_id}/withdraw"}
"""Answered alike whether there is anything to do or not, and does nothing."""


@pytest.fixture
async def hub(
    database: PostgresSettings,
    embedded_stores: Settings,
    relay_pool: Pool,
    lease: Lease,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[TwoCompanies]:
    settings = told_by(monkeypatch, embedded_stores, database)
    async with two_companies(settings, relay_pool, lease) as hub:
        yield hub


def every_operation() -> list[Operation]:
    return operations(build_app(None, None))  # type: ignore[arg-type]


def test_what_a_path_names_is_seeded_or_everyones() -> None:
    """Whoever adds an operation says whose its ids are, and seeds one of each company's."""
    assert len(every_operation()) > 30
    for operation in every_operation():
        assert operation.path_names <= OF_SOMEONE | PUBLIC_NAMES, operation.label
    for route in pages():
        assert set(route.param_convertors) <= OF_SOMEONE | PUBLIC_NAMES | SECRETS, route.path


@dataclass
class Asked:
    """A case, what it names of a company in path, query and body, and whether that is in it."""

    operation: Operation
    case: Case
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Mapping[str, Any]

    @property
    def names_something(self) -> bool:
        return bool((OF_SOMEONE - {"number", "figure"}) & (set(self.path) | set(self.query)))


def ask_for(operation: Operation, whose: Company, paths_of: Company) -> list[Asked]:
    bodies: dict[str, Any] = {**whose.named, "document_id": whose.named["newer"]}
    return [
        Asked(
            operation,
            case,
            {name: paths_of.named.get(name, "n1") for name in operation.path_names},
            {name: whose.named[name] for name in operation.query_names & OF_SOMEONE},
            {name: bodies[name] for name in operation.body_names & OF_SOMEONE},
        )
        for case in operation.draw()
    ]


async def play(asker: AsyncClient, asked: Asked) -> Response:
    return await send(asker, asked.case, asked.path, asked.query, asked.body)


async def replay(hub: TwoCompanies, asker: AsyncClient) -> list[tuple[Asked, Response]]:
    """The second company asks for all that is the first's. Nothing is told or changed by it."""
    first, second = hub.first, hub.second
    before = await kept_by(hub, first)
    wrong, played = [], []
    for operation in operations(hub.app):
        mixed = ask_for(operation, first, second) if operation.query_names & OF_SOMEONE else []
        for asked in [*ask_for(operation, first, first), *mixed]:
            answer = await play(asker, asked)
            played.append((asked, answer))
            told = f"{answer.status_code} {operation.label} {dict(asked.query)}: {answer.text[:99]}"
            if answer.status_code >= 500 or first.mark in answer.text:
                wrong.append(told)
            if asked.names_something and answer.status_code < 400 and not _is_empty(answer):
                wrong.append(told)
    assert wrong == []
    assert await kept_by(hub, first) == before
    return played


async def kept_by(hub: TwoCompanies, company: Company) -> dict[str, str]:
    """A checksum of every table's rows of this company, and of its files."""
    found: dict[str, str] = {}
    async with as_tenant(hub.pool, company.tenant_id) as connection:
        for row in await connection.fetch(TENANT_TABLES):
            statement = (
                f"select md5(coalesce(string_agg(line::text, '' order by line::text), '')) "  # noqa: S608
                f"from {row['relname']} as line where tenant_id = $1"
            )
            found[row["relname"]] = await connection.fetchval(statement, company.tenant_id)
    return found


async def test_every_operation_refuses_what_is_anothers(hub: TwoCompanies) -> None:
    played = await replay(hub, hub.second.browser)
    await _assert_the_owner_is_answered(hub, played)


async def test_no_program_of_another_company_is_answered_either(hub: TwoCompanies) -> None:
    """Neither with an API key nor with a token, and neither is refused for what it is."""
    for kind, credential in hub.second.credentials.items():
        async with program_of(hub.app, credential) as program:
            me = (await program.get("/api/v1/me")).json()
            assert me["tenant_id"] == str(hub.second.tenant_id), kind
            played = await replay(hub, program)
        let_in = {answer.status_code for _, answer in played}
        assert 401 not in let_in
        assert {200, 403, 404} <= let_in


def _reads_first(asked: Asked) -> int:
    """A document that is read again has no pages for a while, and what is deleted has none."""
    return {"GET": 0, "DELETE": 2}.get(asked.case.method.upper(), 1)


async def _assert_the_owner_is_answered(
    hub: TwoCompanies, played: list[tuple[Asked, Response]]
) -> None:
    """The control: of each operation, a request that was refused is one that its owner may make,
    and what nobody else saw is there to be seen.
    """
    answered, told = set(), ""
    refused = [asked for asked, answer in played if answer.status_code in {403, 404}]
    for asked in sorted(refused, key=_reads_first):
        answer = await play(hub.first.browser, asked)
        if answer.status_code < 400:
            answered.add(asked.operation.label)
            told += answer.text
    meant = {one.label for one in operations(hub.app) if one.path_names & OF_SOMEONE}
    assert meant - answered == set()
    assert told.count(hub.first.mark) > 10


def _is_empty(answer: Response) -> bool:
    return answer.status_code == 200 and answer.json().get("items") == []


def pages() -> list[APIRoute]:
    """What the document does not tell of."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return [route for route in routes if not route.include_in_schema]


async def test_every_page_and_form_refuses_what_is_anothers(hub: TwoCompanies) -> None:
    before = await kept_by(hub, hub.first)
    asked = [route for route in pages() if set(route.param_convertors) & OF_SOMEONE]
    assert len(asked) >= 10
    for route in asked:
        told = {**hub.first.named, **FORMS.get(route.path, {})}
        [method] = sorted(route.methods or ())
        form = {name: value for name, value in told.items() if isinstance(value, str)}
        data = {**form, "rows": told["rows"]} if method == "POST" else None
        path = route.path.format(**told)
        answer = await hub.second.browser.request(method, path, data=data)
        is_refused = answer.status_code in {403, 404} or route.path in REPEATABLE
        assert is_refused, f"{answer.status_code} {method} {route.path}"
        assert hub.first.mark not in answer.text, route.path
        if method == "GET" and not path.endswith("/image"):
            assert (await hub.first.browser.get(path)).status_code == 200, route.path
    assert await kept_by(hub, hub.first) == before


async def test_without_a_credential_nothing_is_answered(hub: TwoCompanies) -> None:
    async with browser_of(hub.app, "192.0.2.7") as nobody:
        for operation in operations(hub.app):
            if operation.label in {"GET /health/live", "GET /health/ready"}:
                continue
            for asked in ask_for(operation, hub.first, hub.first):
                answer = await send(nobody, asked.case, asked.path, asked.query, asked.body)
                assert answer.status_code == 401, f"{answer.status_code} {operation.label}"
                assert answer.headers["www-authenticate"] == "Bearer"
