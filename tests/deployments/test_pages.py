import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import pytest
from httpx import AsyncClient

from tests.app import Hub, client_of, notify

HTML = {"accept": "text/html"}
PAGES = ("/opportunities", "/opportunities/n2", "/system", "/dashboard", "/notifications")


@pytest.fixture
async def hub() -> Hub:
    hub = Hub()
    await notify(hub, "n2", 91)
    return hub


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[AsyncClient]:
    async with client_of(hub) as client:
        client.headers.update(HTML)
        yield client


class Outline(HTMLParser):
    """What the strict policy and a screen reader care for."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.inline: list[str] = []
        self.unclosed: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)
        if tag == "style" or (tag == "script" and not named.get("src")):
            self.inline.append(tag)
        self.inline += [name for name in named if name.startswith("on") or name == "style"]
        if (named.get("href") or "").startswith("javascript:"):
            self.inline.append("javascript:")


async def test_home_is_the_list_of_what_is_open_and_medical(client: AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.headers["location"] == "/opportunities?medical=true"


@pytest.mark.parametrize("path", [*PAGES, "/nowhere", "/opportunities?psc=1111"])
async def test_a_page_has_one_title_and_nothing_inline(client: AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.headers["content-type"].startswith("text/html")
    outline = Outline(answer.text)
    assert outline.headings.count("h1") == 1
    assert outline.inline == []


async def test_the_list_tells_gates_before_scores_and_deadlines_with_zones(
    client: AsyncClient,
) -> None:
    page = (await client.get("/opportunities")).text
    first = page.partition('data-notice="n1"')[2].partition("</li>\n<li")[0]
    assert "Not eligible" in first
    assert "6520--" not in first
    assert re.search(r"<time datetime=\"[^\"]+Z\">[^<]+ E[SD]T</time>", first)
    assert "no time given" in page
    assert "Closing today" in page or "Within 3 days" in page


async def test_a_search_keeps_its_filters_in_every_link(client: AsyncClient) -> None:
    page = (await client.get("/opportunities?q=kit&psc=6545&set_aside=SBA&limit=10")).text
    assert 'href="/opportunities?q=kit&amp;set_aside=SBA&amp;limit=10"' in page  # Without the PSC.
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following
    assert "cursor=10" in following[1]
    second = (await client.get(following[1].replace("&amp;", "&"))).text
    assert "11 to 20 of 30" in second
    assert 'aria-current="true">Both</a>' in page
    assert "mode=semantic" in page
    assert "<mark>kit</mark>" in page


async def test_a_form_without_script_may_send_its_empty_fields(client: AsyncClient) -> None:
    answer = await client.get("/opportunities?q=&posted_from=&deadline_to=&psc=6545&status=open")
    assert answer.status_code == 200
    assert "Medical kit, standard, lot 0" in answer.text


async def test_an_empty_list_says_why_and_what_helps(client: AsyncClient) -> None:
    page = (await client.get("/opportunities?psc=1111&state=FL")).text
    assert "Nothing open has PSC 1111 and Florida together. Without PSC 1111 there are 31." in page
    assert 'href="/opportunities?state=FL">Remove PSC 1111</a>' in page


async def test_a_list_without_its_store_never_looks_empty(hub: Hub, client: AsyncClient) -> None:
    hub.stop("postgres")
    answer = await client.get("/opportunities")
    assert answer.status_code == 503
    assert "The list cannot be shown now" in answer.text
    assert "No opportunity matches" not in answer.text


async def test_a_search_without_meaning_says_so_and_answers_with_words(
    hub: Hub, client: AsyncClient
) -> None:
    hub.stop("vectors")
    page = (await client.get("/opportunities?q=kit")).text
    assert "Vector index did not answer" in page
    assert "Medical kit, standard, lot 0" in page


async def test_a_list_behind_its_source_says_since_when(hub: Hub, client: AsyncClient) -> None:
    hub.stop("sam_gov")
    page = (await client.get("/opportunities")).text
    assert "SAM.gov could not be fetched since" in page


async def test_one_opportunity_shows_what_changed_and_nothing_that_could_run(
    client: AsyncClient,
) -> None:
    page = (await client.get("/opportunities/n2")).text
    assert "What the amendment changed" in page
    assert "Response deadline" in page
    assert "alert(" not in page
    assert "javascript:" not in page
    assert "The VA needs <b>scanners</b>." in page
    assert 'href="https://sam.gov/opp/n2/view"' in page
    assert '<a href="/opportunities/n3">' in page
    assert "<span>Sources sought</span><span>" in page
    assert "$280,851.24" in page
    assert "Certified" not in page
    assert 'data-live-rooms="user:local dashboard:opportunities opportunity:n2"' in page


async def test_the_system_page_works_without_any_store(hub: Hub, client: AsyncClient) -> None:
    hub.stop("postgres", "redis", "kafka", "clickhouse", "vectors", "s3", "ai")
    answer = await client.get("/system")
    assert answer.status_code == 200
    assert "PostgreSQL is down" in answer.text
    assert "Nothing can be shown or saved." in answer.text


async def test_the_system_page_tells_lag_and_quota(hub: Hub, client: AsyncClient) -> None:
    hub.stop("clickhouse")
    page = (await client.get("/system")).text
    assert "1,204" in page
    assert "of 1,000 requests used" in page
    assert "Numbers on the dashboard stop where it stopped." in page


async def test_a_post_that_never_came_is_down_and_not_absent(hub: Hub, client: AsyncClient) -> None:
    hub.stop("match_opportunities")
    page = (await client.get("/system")).text
    assert "match_opportunities is down" in page
    assert "New notices have no fit yet." in page


async def test_a_dashboard_without_numbers_says_that_they_are_not_zero(
    hub: Hub, client: AsyncClient
) -> None:
    assert "the most on one day" in (await client.get("/dashboard")).text
    hub.stop("clickhouse")
    answer = await client.get("/dashboard")
    assert answer.status_code == 503
    assert "the numbers are not zero" in answer.text


async def test_notifications_are_marked_as_read_without_script(client: AsyncClient) -> None:
    assert "1 unread" in (await client.get("/notifications")).text
    answer = await client.post("/notifications/read", headers={"sec-fetch-site": "same-origin"})
    assert answer.headers["location"] == "/notifications"
    assert "0 unread" in (await client.get("/notifications")).text


async def test_a_wrong_address_is_a_page_that_says_what_is_wrong(client: AsyncClient) -> None:
    unknown = await client.get("/opportunities/zz")
    mistyped = await client.get("/opportunities?naisc=3391")
    assert (unknown.status_code, mistyped.status_code) == (404, 422)
    assert "No opportunity &#39;zz&#39;." in unknown.text
    assert "query.naisc" in mistyped.text
