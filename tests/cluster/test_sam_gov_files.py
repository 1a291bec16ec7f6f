import httpx
import pytest

from cluster.clients.sam_gov_files import FileFacts, file_facts, file_name, media_type
from cluster.servers.sam_gov_sandbox.app import Sandbox, build_sandbox
from cluster.servers.sam_gov_sandbox.attachments import attachment
from cluster.servers.sam_gov_sandbox.rendering import file_link
from domain.errors import Invalid, NotFound
from tests.sandboxes import shelf_of


def sandbox() -> httpx.AsyncClient:
    app = build_sandbox(Sandbox(shelf_of(), None), new_every_s=0)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox")


@pytest.mark.parametrize("key", ["a", "b", "c"])
async def test_name_size_and_type_come_through_the_redirect(key: str) -> None:
    name, content = attachment(key)
    async with sandbox() as http:
        facts = await file_facts(http, file_link(key))
    kind = {"pdf": "application/pdf", "txt": "text/plain", "zip": "application/zip"}
    assert facts == FileFacts(name, len(content), kind[name[-3:]])


@pytest.mark.parametrize(
    "link",
    [
        "http://169.254.169.254/latest",
        "https://sam.gov/other",
        "https://sam.gov.example" + file_link("a").removeprefix("https://sam.gov"),
        "file:///etc/passwd",
    ],
)
async def test_a_link_that_leads_elsewhere_is_not_followed(link: str) -> None:
    async with sandbox() as http:
        with pytest.raises(Invalid, match="does not lead to a file"):
            await file_facts(http, link)


async def test_a_file_that_is_gone_is_not_found() -> None:
    gone = httpx.MockTransport(lambda request: httpx.Response(404))
    async with httpx.AsyncClient(transport=gone, base_url="http://x") as http:
        with pytest.raises(NotFound):
            await file_facts(http, file_link("a"))


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (
            "attachment; filename*=UTF-8''Statement%20of%20Work%20%C2%A7.pdf",
            "Statement of Work §.pdf",
        ),
        ("attachment; filename=\"a b.docx\"; filename*=UTF-8''c.docx", "c.docx"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ("attachment; filename=plain.txt", "plain.txt"),
        ("attachment", "file"),
    ],
)
def test_names_are_read_from_the_header(header: str, name: str) -> None:
    assert file_name(header) == name


def test_a_character_cut_in_two_is_still_text() -> None:
    assert media_type("é".encode() * 9 + b"\xc3") == "text/plain"
    assert media_type(b"\xff\xfe\0\0binary") == "application/octet-stream"
