"""The sandbox itself: that it behaves as the facts about SAM.gov say, also over a real socket."""

import csv
import io
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from cluster.clients.sam_gov_records import CSV_COLUMNS, from_api, from_csv
from cluster.servers.sam_gov_sandbox.app import Sandbox, build_sandbox
from cluster.servers.sam_gov_sandbox.shelf import Shelf
from domain.medical import is_medical
from tests.sandboxes import generated, row, shelf_of

WINDOW = {"api_key": "k", "postedFrom": "01/01/2026", "postedTo": "04/30/2026"}


def client(shelf: Shelf) -> TestClient:
    return TestClient(build_sandbox(Sandbox(shelf, None), new_every_s=0))


def ask(shelf: Shelf, **parameters: str) -> tuple[int, Any]:
    answer = client(shelf).get("/opportunities/v2/search", params=WINDOW | parameters)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"limit": "1001"}, "Limit valid range is 0-1000. Please provide valid input."),
        ({"offset": "-1"}, "limit/offset must be a positive number."),
        ({"postedFrom": "2026-01-01"}, "Invalid Date Entered. Expected date format is MM/dd/yyyy"),
        ({"postedTo": ""}, "PostedFrom and PostedTo are mandatory"),
        ({"postedFrom": "01/01/2024"}, "Date range must be 1 year(s) apart"),
        ({"api_key": ""}, "No api_key was supplied"),
    ],
)
def test_it_refuses_in_the_words_of_sam_gov(parameters: dict[str, str], text: str) -> None:
    status, body = ask(shelf_of(row("n1")), **parameters)
    assert (status, body["errorMessage"]) == (400, text)


def test_it_answers_one_row_unless_asked_for_more_and_ignores_what_it_does_not_know() -> None:
    shelf = shelf_of(row("n1"), row("n2"))
    status, body = ask(shelf, keyword="none of them")
    assert (status, body["totalRecords"], len(body["opportunitiesData"])) == (200, 2, 1)


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"ptype": "o"}, 1),
        ({"ptype": "a,o"}, 2),
        ({"title": "GLOVES N1"}, 1),
        ({"ncode": "3391"}, 0),
        ({"ncode": "339113"}, 2),
        ({"state": "VA"}, 1),
        ({"typeOfSetAside": "SBA"}, 1),
        ({"rdlfrom": "05/02/2026"}, 1),
        ({"rdlto": "05/02/2026"}, 1),
        ({"noticeid": "n2"}, 1),
    ],
)
def test_it_filters_by_what_is_documented(parameters: dict[str, str], found: int) -> None:
    shelf = shelf_of(
        row("n1", PopState="VA", SetASideCode="SBA"),
        row("n2", Type="Award Notice", ResponseDeadLine="2026-06-01"),
    )
    status, body = ask(shelf, limit="10", **parameters)
    assert status == (200 if found else 404)
    assert body.get("totalRecords", 0) == found


def test_the_bulk_file_has_the_columns_of_sam_gov_and_every_notice(tmp_path: Path) -> None:
    shelf, _ = generated(tmp_path, 30)
    text = client(shelf).get("/ContractOpportunitiesFullCSV.csv").text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert {told["NoticeId"] for told in rows} == set(shelf.held)


def test_files_are_behind_a_redirect_and_named_in_the_header() -> None:
    path = "/api/prod/opps/v3/opportunities/resources/files/a1/download"
    first = client(shelf_of()).get(path, follow_redirects=False)
    assert first.status_code == 303
    file = client(shelf_of()).get(first.headers["Location"])
    assert file.headers["Content-Type"] == "application/octet-stream"
    assert "filename*=UTF-8''" in file.headers["Content-Disposition"]


def test_what_is_invented_is_varied_readable_and_told_alike_by_both_sources(
    tmp_path: Path,
) -> None:
    shelf, _ = generated(tmp_path, 1_500)
    notices = [from_csv(held.row).notice for held in shelf.held.values()]
    medical = sum(is_medical(notice.naics, notice.psc) for notice in notices)
    assert 0.33 < medical / len(notices) < 0.43
    assert {notice.type for notice in notices} == set("okrpsa")
    numbers = [notice.solicitation_number for notice in notices]
    assert len(set(numbers)) < len(numbers) * 0.9
    assert any(notice.award for notice in notices)
    assert any(notice.response_deadline is None for notice in notices)
    for held, notice in zip(shelf.held.values(), notices, strict=True):
        again = from_api(held.record()).notice
        assert set(notice.changes(notice.merge(again))) <= {"resource_links"}


def test_a_restart_brings_the_same_notices_back(tmp_path: Path) -> None:
    shelf, releases = generated(tmp_path, 50)
    released = [releases.release() for _ in range(7)]
    again, _ = generated(tmp_path, 50)
    assert [held.row for held in again.held.values()] == [held.row for held in shelf.held.values()]
    assert set(released) <= again.held.keys()


def test_each_release_is_a_new_medical_notice_and_some_move_an_older_deadline(
    tmp_path: Path,
) -> None:
    shelf, releases = generated(tmp_path, 20)
    before = {key: dict(held.row) for key, held in shelf.held.items()}
    released = [releases.release() for _ in range(10)]
    assert len(set(released)) == 10
    told = [from_csv(shelf.held[key].row).notice for key in released]
    assert all(is_medical(notice.naics, notice.psc) for notice in told)
    assert any(shelf.held[key].row != old for key, old in before.items())


def test_it_starts_at_once_and_serves_over_a_socket(tmp_path: Path) -> None:
    with running(tmp_path, "--notices", "200", "--new-every-s", "0") as (url, started_s):
        assert started_s < 5.0  # 1.5 s on an idle machine.
        assert httpx.get(f"{url}/health").json() == {"notices": 200}
        httpx.post(f"{url}/control/release", json={"count": 2}).raise_for_status()
        assert httpx.get(f"{url}/health").json() == {"notices": 202}
        httpx.post(f"{url}/control/mood", json={"fail_next": 1, "fail_with": "timeout"})
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{url}/opportunities/v2/search", params=WINDOW, timeout=0.3)


def test_a_file_of_another_kind_stops_the_start_with_its_reason(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b\n1,2\n")
    done = subprocess.run(  # noqa: S603 - our own arguments
        [*_COMMAND, "--port", "1", "--data", str(tmp_path), "--file", str(wrong)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 1
    assert done.stderr.startswith("wrong.csv is not valid: it is neither SAM.gov's bulk CSV")


_COMMAND = (sys.executable, "-m", "cluster.servers.sam_gov_sandbox")


@contextmanager
def running(data: Path, *options: str) -> Iterator[tuple[str, float]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own arguments
        [*_COMMAND, "--port", str(port), "--data", str(data), *options],
        cwd=Path(__file__).parents[2],
    )
    url = f"http://127.0.0.1:{port}"
    try:
        while not _answers(url):
            assert process.poll() is None
            time.sleep(0.05)
        yield url, time.monotonic() - started
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").is_success
    except httpx.TransportError:
        return False
