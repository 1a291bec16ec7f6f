"""The page of mails that go no further: for whoever sits at this machine."""

from pathlib import Path

import pytest

from cluster.servers.mail_sink.box import MailBox
from tests.app import Hub, client_of

MAIL = b"To: a@example.com\nSubject: Confirm <it>\n\nOpen https://127.0.0.1/verify?t=1 now <b>\n"


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    box = MailBox(tmp_path)
    box.put(MAIL)
    return Hub(sunk_mails=box)


async def test_mails_are_read_and_their_links_followed(hub: Hub) -> None:
    async with client_of(hub) as client:
        page = (await client.get("/system/mail")).text
    assert "Confirm &lt;it&gt;" in page
    assert '<a href="https://127.0.0.1/verify?t=1">' in page
    assert "now &lt;b&gt;" in page


async def test_nobody_from_elsewhere_reads_them(hub: Hub) -> None:
    async with client_of(hub, host="192.0.2.9") as client:
        assert (await client.get("/system/mail")).status_code == 403


async def test_where_mail_goes_out_there_is_no_page() -> None:
    async with client_of(Hub()) as client:
        assert (await client.get("/system/mail")).status_code == 404


async def test_before_the_first_mail_the_page_says_so(tmp_path: Path) -> None:
    async with client_of(Hub(sunk_mails=MailBox(tmp_path))) as client:
        assert "No mail yet" in (await client.get("/system/mail")).text
