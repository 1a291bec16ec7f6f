"""Nothing reaches a tenant's table but through `as_tenant` and its kin: read off the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STORES = ROOT / "cluster" / "stores"
HELPERS = "cluster/stores/postgres.py"
MODULES = sorted(
    path
    for folder in ("cluster", "actors", "pipelines", "deployments")
    for path in (ROOT / folder).rglob("*.py")
)

OPENS = {"acquire", "create_pool", "connect"}
"""Of asyncpg: only the helpers' module has a pool, and three that are the owner's."""
OWNERS = {
    "cluster/stores/migrate.py",
    "cluster/stores/log_repair.py",
    "cluster/servers/postgres_server.py",
}

_TABLE = re.compile(r"\b(?:from|join|into|update|using)\s+(?:only\s+)?(\w+)")

WITHOUT_TENANT = {"transaction", "fetch_rows", "fetch_row"}
"""Helpers that set no tenant: for the hub's own tables, and for `mch_relay`."""

ACROSS_TENANTS = {
    ("cluster/stores/attachments.py", "_AWAITING"),
    ("cluster/stores/attachments.py", "_FOLLOWERS"),
    ("cluster/stores/audit.py", "_TENANTS"),
    ("cluster/stores/companies.py", "_RECIPIENTS"),
    ("cluster/stores/erasure.py", "_TENANTS"),
    ("cluster/stores/event_log.py", "_NUMBER"),
    ("cluster/stores/event_log.py", "_READ"),
    ("cluster/stores/expired.py", "_TENANTS"),
    ("cluster/stores/mail_letters.py", "_DUE"),
    ("cluster/stores/log_repair.py", "_AHEAD"),
    ("cluster/stores/profiles.py", "_ALL"),
    ("cluster/stores/providers.py", "_SECRETS"),
    ("cluster/stores/work.py", "_RENEW"),
    ("cluster/stores/work.py", "_TAKE"),
}
"""Statements that `mch_relay` runs over all tenants; the database lets no other role do so."""


def tenant_tables() -> set[str]:
    """As the migrations make them. What is everyone's is written without a tenant being set."""
    found = set()
    for file in sorted((STORES / "migrations").glob("*.sql")):
        for name, columns in re.findall(r"create table (\w+) \((.*?)\n\)", file.read_text(), re.S):
            if re.search(r"^\s*tenant_id\s", columns, re.M):
                found.add(name)
    return found


def statements(module: ast.Module) -> dict[str, str]:
    """Constants of a module by name, with the constants in them filled in."""
    known: dict[str, str] = {}
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            text = _text(node.value, known)
            if text is not None:
                known[node.targets[0].id] = text
    return known


def _text(node: ast.expr, known: dict[str, str]) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part, known) or "" for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return _text(node.value, known)
    if isinstance(node, ast.Name):
        return known.get(node.id)
    return None


def run_without_tenant(module: ast.Module) -> Iterator[str]:
    """Names of constants that stand in a call or block of a helper that sets no tenant."""
    for node in ast.walk(module):
        opened = [item.context_expr for item in getattr(node, "items", ())]
        if any(_calls(each, WITHOUT_TENANT) for each in [node, *opened]):
            yield from (one.id for one in ast.walk(node) if isinstance(one, ast.Name))


def _calls(node: ast.AST, names: set[str]) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def trespasses(source: str, tables: set[str]) -> set[str]:
    """Constants that name a tenant's table and are run where no tenant is set."""
    module = ast.parse(source)
    known = statements(module)
    names = {name for name in run_without_tenant(module) if name in known}
    return {name for name in names if set(_TABLE.findall(known[name].lower())) & tables}


def test_statements_on_tenants_tables_are_run_for_one_tenant() -> None:
    tables = tenant_tables()
    assert {"membership", "api_key", "document", "audit_entry", "notification"} <= tables
    found = {
        (str(path.relative_to(ROOT)), name)
        for path in MODULES
        for name in trespasses(path.read_text(), tables)
    }
    assert found == ACROSS_TENANTS


def test_nobody_opens_postgres_but_the_helpers() -> None:
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                whose = ast.unparse(node.func.value)
                if node.func.attr in OPENS and ("pool" in whose or whose == "asyncpg"):
                    found.add(str(path.relative_to(ROOT)))
    assert found == OWNERS | {HELPERS}


def test_nobody_sets_the_tenant_but_the_helpers() -> None:
    setting = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if re.search(r"set_config\((\$|.mch)|set (local|session) mch\.", path.read_text())
    ]
    assert setting == [HELPERS]


@pytest.mark.parametrize(
    "body",
    [
        "async with transaction(self._pool) as c:\n        await c.fetch(_ALL)",
        "await fetch_rows(self._pool, _ALL)",
        "await fetch_row(self._pool, _SOME, 1)",
    ],
)
def test_who_goes_around_is_noticed(body: str) -> None:
    constants = '_ALL = "select * from membership"\n_SOME = f"{_ALL} limit 1"\n'
    source = constants + "async def read(self):\n    " + body + "\n"
    assert trespasses(source, {"membership"})
    assert not trespasses(source.replace("membership", "post"), {"membership"})
