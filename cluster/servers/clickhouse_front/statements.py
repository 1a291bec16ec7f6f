"""From an HTTP request's parts to one statement for the engine."""

import email
import email.policy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# What the transport itself understands; any other parameter is a setting of the engine.
_TRANSPORT = {
    *("query", "database", "default_format", "user", "password", "query_id", "quota_key", "role"),
    *("session_id", "session_timeout", "session_check", "compress", "decompress", "buffer_size"),
    *("wait_end_of_query", "client_protocol_version", "enable_http_compression"),
    *("send_progress_in_http_headers", "http_headers_progress_interval_ms"),
    "cancel_http_readonly_queries_on_client_close",
}

_SETTING_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# The head of an insert whose rows follow in a format. Its name and columns may be quoted.
_INSERT = re.compile(
    rb"""\s* (?P<into> insert \s+ into \s+ (?:table \s+)?
             (?: `[^`]*` | "[^"]*" | [\w.] )+ \s*
             (?: \( [^()]* \) )? \s*
             (?: settings \s+ (?: [\w]+ \s* = \s* (?:'[^']*' | [\w.]+) \s* ,? \s* )+ )? )
         format \s+ (?P<format> \w+ ) [ \t]* ;? (?: \r?\n | [ ] | \Z )""",
    re.IGNORECASE | re.VERBOSE,
)

_FORMAT = re.compile(r"\bformat\s+(\w+)\s*;?\s*\Z", re.IGNORECASE)
_ANSWERS = re.compile(
    r"[\s(]*(select|with|show|describe|desc|exists|explain|check)\b", re.IGNORECASE
)
_COMMENTS = re.compile(r"\A(\s*(--[^\n]*(\n|\Z)|/\*.*?\*/))+", re.DOTALL)


@dataclass(eq=False)
class BadRequest(Exception):
    """The request makes no statement."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """`data` are the rows of an insert in `data_format`; without, `sql` is complete."""

    sql: str
    data: bytes | None = None
    data_format: str = ""
    answer_format: str = "TabSeparated"
    database: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    is_answered: bool = False
    """Whether it tells rows, be they none."""


def statement(query: Mapping[str, str], body: bytes, *, read_only: bool = False) -> Statement:
    """`query` holds the address's parameters, and the form's fields where the body is a form."""
    head = query.get("query", "").encode()
    whole = head + b"\n" + body if head and body else head or body
    settings = _settings(query) | ({"readonly": "2"} if read_only else {})
    if insert := _INSERT.match(whole):
        return Statement(
            sql=_text(insert["into"]),
            data=whole[insert.end() :],
            data_format=_text(insert["format"]),
            database=query.get("database", ""),
            settings=settings,
        )
    return _plain(_text(whole), query, settings)


def form_fields(content_type: str, body: bytes) -> dict[str, str]:
    """The text fields of a multipart form. Raises `BadRequest` for a file: external tables."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    form = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    fields = {}
    for part in form.iter_parts():
        if part.get_filename() is not None:
            raise BadRequest("external tables are not supported by the embedded ClickHouse")
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        fields[str(name)] = _text(content if isinstance(content, bytes) else b"")
    return fields


def _plain(sql: str, query: Mapping[str, str], settings: Mapping[str, str]) -> Statement:
    if not sql.strip():
        raise BadRequest("empty query")
    told = _FORMAT.search(sql)
    bare = _COMMENTS.sub("", sql)
    return Statement(
        sql=sql,
        answer_format=told[1] if told else query.get("default_format") or "TabSeparated",
        database=query.get("database", ""),
        settings=settings,
        parameters={
            name.removeprefix("param_"): value
            for name, value in query.items()
            if name.startswith("param_")
        },
        is_answered=bool(told or _ANSWERS.match(bare)),
    )


def _settings(query: Mapping[str, str]) -> dict[str, str]:
    settings = {
        name: value
        for name, value in query.items()
        if name not in _TRANSPORT and not name.startswith("param_")
    }
    for name in settings:
        if not _SETTING_NAME.fullmatch(name):
            raise BadRequest(f"{name!r} is no setting")
    return settings


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("the query is not UTF-8") from error
