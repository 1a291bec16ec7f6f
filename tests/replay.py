"""Requests for every operation of the OpenAPI document: schemathesis makes them up, we name in
them what belongs to someone, and send them ourselves.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import schemathesis
from fastapi import FastAPI
from httpx import AsyncClient, Response
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.core.result import Ok

Case: TypeAlias = "schemathesis.Case[Any]"

DRAWN = 2
"""Requests that are made up for an operation."""


class Operation:
    """`label` is method and path. `names` is all that its requests can tell, by name."""

    def __init__(self, made: Any, document: Mapping[str, Any]) -> None:
        self.label: str = made.label
        self.path_names = {one.name for one in made.iter_parameters() if one.location == "path"}
        self.query_names = {one.name for one in made.iter_parameters() if one.location == "query"}
        self.body_names = _body_names(document, made.method, made.path)
        self._made = made

    @property
    def names(self) -> set[str]:
        return self.path_names | self.query_names | self.body_names

    def draw(self) -> list[Case]:
        """The same at each run."""
        drawn: list[Case] = []

        @seed(7)
        @settings(
            max_examples=DRAWN,
            database=None,
            deadline=None,
            derandomize=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=self._made.as_strategy())
        def keep(case: Case) -> None:
            drawn.append(case)

        keep()
        return drawn


def operations(app: FastAPI) -> list[Operation]:
    """All that the document tells of: nobody needs to add a new one here."""
    document = app.openapi()
    schema = schemathesis.openapi.from_dict(document)
    made = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    told = sum(len(methods) for methods in document["paths"].values())
    assert len(made) == told, "an operation of the document can't be read"
    return [Operation(one, document) for one in made]


async def send(
    client: AsyncClient,
    case: Case,
    path: Mapping[str, Any],
    query: Mapping[str, Any],
    body: Mapping[str, Any],
) -> Response:
    """The case as it was made up, but for what is named."""
    target = case.path.format(**{**dict(case.path_parameters or {}), **path})
    made_up: dict[str, str] = dict(case.headers or {})
    headers = {name.encode(): value.encode() for name, value in made_up.items()}
    told: dict[str, Any] = {"params": {**_plain(case.query), **query}}
    if case.method.upper() == "PATCH" and "/uploads/" in target:
        headers |= {b"Content-Type": b"application/offset+octet-stream", b"Upload-Offset": b"0"}
        told["content"] = b"x" * 100
    elif case.media_type == "application/json":
        given = case.body if isinstance(case.body, dict) else {}
        told["json"] = {**given, **body}
    elif case.media_type == "multipart/form-data":
        told["files"] = {"file": ("a.txt", b"Some words that somebody wrote down here.")}
    return await client.request(case.method, target, headers=headers, **told)


def _plain(query: Any) -> dict[str, Any]:
    return {name: value for name, value in dict(query or {}).items() if value is not None}


def _body_names(document: Mapping[str, Any], method: str, path: str) -> set[str]:
    content = document["paths"][path][method.lower()].get("requestBody", {}).get("content", {})
    return {name for told in content.values() for name in _properties(document, told["schema"])}


def _properties(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    yield from schema.get("properties", {})
