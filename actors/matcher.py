"""Match notices with one company: write how they suit it, and tell of those that newly do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID, uuid5

from cluster.stores.matches import KnownMatch
from cluster.stores.opportunities import OpportunityRow
from cluster.stores.profiles import Profiled
from domain.events import Append, Cause, Stream
from domain.matching import MATCH, OpportunityMatched, could_suit, fit, is_told
from domain.search import Fit


@dataclass(frozen=True, slots=True)
class Candidate:
    """A notice as it stands, and why it is matched now."""

    row: OpportunityRow
    cause: Cause


Candidates = Mapping[str, Candidate]
"""By notice id."""


class Matches(Protocol):
    """As `cluster.stores.matches.PostgresMatches`."""

    async def known(self, tenant_id: UUID, notice_ids: Sequence[str]) -> dict[str, KnownMatch]: ...
    async def put(self, tenant_id: UUID, matches: Sequence[OpportunityMatched]) -> None: ...


class Events(Protocol):
    """The part of `domain.ports.EventStore` that is needed here."""

    async def append_many(self, appends: Sequence[Append]) -> None: ...


class Matcher:
    """`events` must project what it appends into `matches`."""

    def __init__(self, matches: Matches, events: Events) -> None:
        self._matches = matches
        self._events = events

    async def fresh(self, company: Profiled, candidates: Candidates) -> dict[str, KnownMatch]:
        """What is known of those that were not yet matched in these versions."""
        known = await self._matches.known(company.tenant_id, list(candidates))
        return {
            key: match
            for key, match in known.items()
            if (match.profile_version, match.notice_version)
            != (company.version, candidates[key].row.version)
        }

    async def match(
        self,
        company: Profiled,
        candidates: Candidates,
        known: Mapping[str, KnownMatch],
        similarity: Mapping[str, float],
    ) -> None:
        """Those in `known`. Raises `VersionConflict` if another one matches them meanwhile."""
        quiet: list[OpportunityMatched] = []
        appends: list[Append] = []
        for key, before in known.items():
            matched = _matched(company, candidates[key].row, similarity.get(key))
            if _is_news(before.fit, matched):
                appends.append(_append(company, matched, before, candidates[key].cause))
            else:
                quiet.append(matched)
        await self._matches.put(company.tenant_id, quiet)
        if appends:
            await self._events.append_many(appends)


def worth_asking(company: Profiled, candidates: Candidates) -> list[str]:
    """Notices whose meaning can make a difference."""
    return [
        key
        for key, candidate in candidates.items()
        if could_suit(company.profile, candidate.row.notice, is_closed=candidate.row.is_closed)
    ]


def _matched(
    company: Profiled, row: OpportunityRow, similarity: float | None
) -> OpportunityMatched:
    found = fit(company.profile, row.notice, is_closed=row.is_closed, similarity=similarity)
    return OpportunityMatched(
        notice_id=row.notice.notice_id,
        score=found.score,
        gates=found.gates,
        reasons=found.reasons,
        similarity=similarity,
        profile_version=company.version,
        notice_version=row.version,
    )


def _is_news(before: Fit | None, matched: OpportunityMatched) -> bool:
    found = Fit(matched.score, matched.gates, matched.reasons)
    return is_told(found) and found != before


def _append(
    company: Profiled, matched: OpportunityMatched, before: KnownMatch, cause: Cause
) -> Append:
    """Under an id that is always the same for these versions of profile and notice."""
    versions = f"{matched.profile_version}/{matched.notice_version}"
    event_id = uuid5(company.tenant_id, f"match/{matched.notice_id}/{versions}")
    return Append(
        stream=Stream(company.tenant_id, MATCH, matched.notice_id),
        events={event_id: matched},
        expected_version=before.stream_version,
        cause=cause,
    )
