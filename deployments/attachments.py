"""Files of notices as people ask for them: by the opportunity, or by a link that they paste."""

from collections.abc import Sequence
from dataclasses import dataclass

from cluster.stores.attachments import AttachmentRow
from deployments.backends import Backends
from domain.access import Principal
from domain.attachments import MOST_LINKS, file_path, notice_of_link
from domain.errors import Invalid, NotFound
from domain.events import Cause


@dataclass(frozen=True, slots=True)
class NoticeAttachments:
    """`links` are those of the notice as it stands; `rows` what the company asked for, ever. Of a
    notice that is waited for there is one row, of the link that was pasted.
    """

    notice_id: str
    links: Sequence[str]
    rows: Sequence[AttachmentRow]

    @property
    def unasked(self) -> list[str]:
        asked = {row.url for row in self.rows}
        return [link for link in self.links if link not in asked]


async def read_attachments(
    ports: Backends, principal: Principal, notice_id: str
) -> NoticeAttachments:
    """Raises `Unavailable`, and `NotFound` for a notice that is neither known nor waited for."""
    rows = await ports.attachments.of_notice(principal.tenant_id, notice_id)
    try:
        links = (await ports.opportunities.get(notice_id)).notice.resource_links
    except NotFound:
        if not rows:
            raise
        links = ()
    return NoticeAttachments(notice_id, links, rows)


async def ask_for_attachments(
    ports: Backends, principal: Principal, notice_id: str, cause: Cause
) -> None:
    """All of the notice's; what failed before is tried again. Raises `NotFound` and `Invalid`."""
    links = (await ports.opportunities.get(notice_id)).notice.resource_links
    await _ask(ports, principal, notice_id, links, cause)


@dataclass(frozen=True, slots=True)
class AskedByLink:
    """`is_known`: the notice is here; else its files are fetched when it comes."""

    notice_id: str
    is_known: bool = True


async def ask_for_link(
    ports: Backends, principal: Principal, link: str, cause: Cause
) -> AskedByLink:
    """What a link of SAM.gov shows: a notice's files, or one file.

    Raises `Invalid` for every other link, and `NotFound` for a file of no notice that is known.
    """
    notice_id = notice_of_link(link)
    if notice_id is not None:
        return AskedByLink(notice_id, await _ask_or_wait(ports, principal, notice_id, link, cause))
    path = file_path(link)
    notice_id = await ports.opportunities.holding(path)
    if notice_id is None:
        raise NotFound(what="notice with this file", key=path.split("/")[-2])
    links = (await ports.opportunities.get(notice_id)).notice.resource_links
    await _ask(ports, principal, notice_id, [one for one in links if path in one], cause)
    return AskedByLink(notice_id)


async def _ask_or_wait(
    ports: Backends, principal: Principal, notice_id: str, link: str, cause: Cause
) -> bool:
    """Whether the notice is known."""
    try:
        await ask_for_attachments(ports, principal, notice_id, cause)
    except NotFound:
        who = principal.tenant_id, notice_id
        await ports.attachments.wait_for(*who, link, principal.user_id)
        try:  # It may have come just before somebody waited for it.
            await ask_for_attachments(ports, principal, notice_id, cause)
        except NotFound:
            return False
        await ports.attachments.came(*who, with_files=True)
    return True


async def _ask(
    ports: Backends, principal: Principal, notice_id: str, links: Sequence[str], cause: Cause
) -> None:
    if not links:
        raise Invalid(what="fetching", reason="the notice has no attachments")
    who = principal.tenant_id, notice_id, links[:MOST_LINKS]
    await ports.attachments.ask(*who, principal.user_id, cause)
