import pytest

from domain.attachments import file_path, notice_of_link
from domain.errors import Invalid

ID = "f3c1a6b0e6f54f0c9e6f1d5b7a9c2e11"
FILE = f"https://sam.gov/api/prod/opps/v3/opportunities/resources/files/{ID}/download"


@pytest.mark.parametrize(
    "link",
    [
        f"https://sam.gov/opp/{ID}/view",
        f"https://sam.gov/opp/{ID}/view#attachments-links",
        f"https://www.sam.gov/workspace/contract/opp/{ID}/view",
        f"https://sam.gov/workspace/contract/opp/{ID}/view?x=1",
        f"  https://sam.gov/opp/{ID}/  ",
        f"https://api.sam.gov/opportunities/v2/search?api_key=x&noticeid={ID}",
        f"https://api.sam.gov/prod/opportunities/v1/noticedesc?noticeId={ID}",
    ],
)
def test_a_link_that_shows_a_notice(link: str) -> None:
    assert notice_of_link(link) == ID


def test_a_files_link_is_of_no_one_notice() -> None:
    assert notice_of_link(f"{FILE}?api_key=null&token=") is None
    assert file_path(f"{FILE}?api_key=null&token=") == FILE.removeprefix("https://sam.gov")


@pytest.mark.parametrize(
    "link",
    [
        *("", "a", "file:///etc/passwd", "http://sam.gov/opp/a/view", "https://sam.gov.evil.test/"),
        *("https://sam.gov@127.0.0.1/opp/a/view", "https://127.0.0.1/opp/a/view"),
        *("https://user:secret@sam.gov/opp/a/view", "https://sam.gov:8443/opp/a/view"),
        *("https://sam.gov/", "https://sam.gov/search?index=opp", "https://sam.gov/opp/../x/view"),
        *("https://api.sam.gov/opportunities/v2/search?solnum=1", "https://sam.gov:x/opp/a/view"),
        *("https://[::1/opp/a/view", "javascript:alert(1)"),
    ],
)
def test_every_other_link_is_refused_with_what_is_taken(link: str) -> None:
    with pytest.raises(Invalid, match=r"taken are https://sam\.gov/opp/<id>/view"):
        notice_of_link(link)
    with pytest.raises(Invalid):
        file_path(link)
