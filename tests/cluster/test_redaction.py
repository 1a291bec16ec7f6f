"""What no log line may hold is taken out of it, and the rest stays readable."""

import json
import logging
import sys

import pytest

from cluster.redaction import redact
from cluster.telemetry import JsonFormatter

TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"  # noqa: S105 - signs nothing


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("mail to dana.o'x+y@example.co.uk failed", "mail to dana.o'…@… failed"),
        (f"Authorization: Bearer {TOKEN}", "Authorization: Bearer …"),
        (f"token {TOKEN}, late", "token …, late"),
        ("authorization: bearer abc.def", "authorization: bearer …"),
        ("Basic dXNlcjpwYXNz=", "Basic …"),
        (f"key mch_abc_{'0a' * 32} used", "key … used"),
        ("cookie mch_session=abc-DEF_1; other", "cookie mch_session=…; other"),
        ("POST /reset/s3cr3t-of-a-link 303", "POST /reset/… 303"),
        ("postgresql://mch:hunter2@127.0.0.1/mch", "postgresql://mch:…@127.0.0.1/mch"),
        ("rediss://:hunter2@cache:6379", "rediss://:hunter2@cache:6379".replace("hunter2", "…")),
    ],
)
def test_secrets_and_addresses_are_left_out(told: str, left: str) -> None:
    assert redact(told) == left


@pytest.mark.parametrize(
    "told",
    [
        "GET /api/v1/opportunities/{notice_id} 200 in 3.2 ms",
        "notice 36C24726Q0269 of 2026-04-13T12:40:00Z",
        "mch_http_requests_total and mch_app at position 48,212",
        "offset contracts.opportunity.events/3@1234",
        "the reset button, and verify it",
    ],
)
def test_what_operators_need_stays(told: str) -> None:
    assert redact(told) == told


def test_no_line_of_a_log_holds_them_wherever_they_stood() -> None:
    try:
        raise ValueError(f"dana@example.com sent Bearer {TOKEN}")
    except ValueError:
        trace = sys.exc_info()
    record = logging.LogRecord("mch.x", logging.ERROR, "", 0, "for %s", ("d@example.com",), trace)
    record.facts = {"who": "d@example.com", "header": f"Bearer {TOKEN}"}
    line = JsonFormatter().format(record)
    assert "example.com" not in line
    assert "eyJ" not in line
    assert json.loads(line)["level"] == "error"
