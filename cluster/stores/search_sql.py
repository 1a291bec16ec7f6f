"""The statements of the opportunity search, put together from a query's filters."""

from dataclasses import dataclass, field
from typing import Any

from domain.search import SearchQuery, Sort

# All words if some notice has them all, else any of them. (A query that excludes a word stays as
# it is: with "or" it would find nearly everything.)
_CHOSEN = """
with asked as (select websearch_to_tsquery('english', $1) as every),
relaxed as (
    select every, case when every::text like '%!%' then every
                       else replace(every::text, '&', '|')::tsquery end as loosely
    from asked
),
chosen as (
    select every, loosely, case
        when exists (select from opportunity where search @@ every) then every else loosely
        end as words
    from relaxed
)"""

# An identifier names its notice: it comes before whatever its text is like.
_MATCHED = """, matched as (
    select notice_id, ts_rank(search, words) + (search @@ every)::int as score
    from opportunity, chosen where search @@ words
    union all
    select notice_id, 10 from opportunity
    where cardinality($2::text[]) > 0
      and (upper(replace(solicitation_number, '-', '')) like any($2)
           or upper(notice_id) like any($2))
),
hits as (select notice_id, max(score)::float8 as score from matched group by notice_id)
"""

BY_WORDS = _CHOSEN + _MATCHED

RANKED = """
with hits as (select * from unnest($1::text[], $2::float8[]) as given (notice_id, score))
"""

ALL = """
with hits as (select notice_id, null::float8 as score from opportunity)
"""

_FOUND = """,
found as (
    select opportunity.*, hits.score, fit.score as fit_score, fit.gates, fit.reasons,
           {rank} as rank
    from hits join opportunity using (notice_id)
    left join opportunity_match as fit using (notice_id)
    where true{conditions}
)
"""

_PAGE = """
select notice_id, title, solicitation_number, type, posted_at, deadline_at, deadline_date, naics,
       psc, set_aside, department, sub_tier, office, state, country, is_medical, is_closed,
       updated_at, description_digest, score, fit_score, gates, reasons, rank
from found
{after}
order by rank desc, notice_id
limit {limit}
"""

_FACETS = """
select case grouping(naics, psc, set_aside, state, department, type, is_medical)
           when 63 then 'naics' when 95 then 'psc' when 111 then 'set_aside' when 119 then 'state'
           when 123 then 'agency' when 125 then 'type' when 126 then 'medical'
       end as facet,
       coalesce(naics, psc, set_aside, state, department, type, is_medical::text) as value,
       count(*) as count
from found
group by grouping sets ((), naics, psc, set_aside, state, department, type, is_medical)
"""

_BEST = """
select notice_id, score from found order by score desc, notice_id limit {limit}
"""

HEADLINES = (
    _CHOSEN
    + """
select ordinality, ts_headline('english', body, loosely, $3) as headline
from unnest($2::text[]) with ordinality as piece (body, ordinality), chosen
where to_tsvector('english', body) @@ loosely
"""
)

TEXTS = "select digest, left(body, $2) as body from text where digest = any($1)"

# The larger the earlier. A day without an hour ends with its day.
_RANKS = {
    Sort.RELEVANCE: "hits.score",
    Sort.POSTED: "extract(epoch from posted_at)",
    Sort.DEADLINE: "-extract(epoch from coalesce(deadline_at, deadline_date + interval '1 day'))",
    Sort.FIT: "fit.score",
}

_DAY = "coalesce((deadline_at at time zone 'utc')::date, deadline_date)"


@dataclass
class Statement:
    """A statement that begins with `head`, whose values are `values`."""

    head: str
    query: SearchQuery
    values: list[Any] = field(default_factory=list)

    def page(self, *, rank: float | None, notice_id: str | None, limit: int) -> tuple[str, Any]:
        found, values = self._found()
        after = ""
        if rank is not None:
            at, by = len(values) + 1, len(values) + 2
            after = f"where rank < ${at} or (rank = ${at} and notice_id > ${by})"
            values += [rank, notice_id]
        return found + _PAGE.format(after=after, limit=limit), values

    def facets(self) -> tuple[str, Any]:
        found, values = self._found()
        return found + _FACETS, values

    def best(self, limit: int) -> tuple[str, Any]:
        found, values = self._found()
        return found + _BEST.format(limit=limit), values

    def _found(self) -> tuple[str, list[Any]]:
        values = list(self.values)
        conditions = ""
        for condition, value in _conditions(self.query):
            values.append(value)
            conditions += f"\n      and {condition.format(f'${len(values)}')}"
        rank = f"coalesce(({_RANKS[self.query.order]})::float8, '-infinity')"
        return self.head + _FOUND.format(rank=rank, conditions=conditions), values


def literally(text: str) -> str:
    """For `like`."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _conditions(query: SearchQuery) -> list[tuple[str, Any]]:
    patterns = {name: [f"{code}%" for code in getattr(query, name)] for name in ("naics", "psc")}
    listed = ("set_aside", "state", "type")
    told: list[tuple[str, Any]] = [
        *((f"{name} like any({{}}::text[])", codes) for name, codes in patterns.items() if codes),
        *((f"{name} = any({{}}::text[])", list(getattr(query, name))) for name in listed),
        ("array[department, sub_tier, office] && {}::text[]", list(query.agency)),
        ("(posted_at at time zone 'utc')::date >= {}::date", query.posted_from),
        ("(posted_at at time zone 'utc')::date <= {}::date", query.posted_to),
        (f"{_DAY} >= {{}}::date", query.deadline_from),
        (f"{_DAY} <= {{}}::date", query.deadline_to),
        ("is_medical = {}::bool", query.medical),
        ("is_closed = {}::bool", None if query.status is None else query.status == "closed"),
    ]
    return [(condition, value) for condition, value in told if value not in (None, [])]
