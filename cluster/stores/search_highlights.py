"""Why a notice was found: words marked in its title and text, or the passage that is meant."""

from collections.abc import Mapping, Sequence

import asyncpg

from cluster.stores.postgres import Connection
from cluster.stores.search_sql import HEADLINES, TEXTS
from domain.chunking import notice_chunks, plain_text
from domain.search import Highlight

LONGEST_BODY = 100_000
PASSAGE_CHARS = 280

# Characters that no text holds; a page that takes them for markup shows nothing odd.
_START, _STOP = "\ue000", "\ue001"
_OPTIONS = f"StartSel={_START}, StopSel={_STOP}, "
_WHOLE = _OPTIONS + "HighlightAll=true"
_FRAGMENT = _OPTIONS + "MaxFragments=1, MinWords=15, MaxWords=40"


async def highlight(
    connection: Connection,
    words: str,
    rows: Sequence[asyncpg.Record],
    passages: Mapping[str, int],
) -> dict[str, tuple[Highlight, ...]]:
    """By notice id. `passages` are the numbers of the chunks that are nearest in meaning."""
    bodies = await _bodies(connection, rows)
    titles = await _headlines(connection, words, [row["title"] for row in rows], _WHOLE)
    texts = await _headlines(
        connection, words, [bodies.get(row["notice_id"], "") for row in rows], _FRAGMENT
    )
    found: dict[str, tuple[Highlight, ...]] = {}
    for at, row in enumerate(rows):
        key = row["notice_id"]
        title = [_marked("title", titles[at])] if at in titles else []
        if at in texts:
            text = [_marked("description", texts[at])]
        else:
            text = _passage(row["title"], bodies.get(key, ""), passages.get(key))
        found[key] = (*title, *text)
    return found


async def _bodies(connection: Connection, rows: Sequence[asyncpg.Record]) -> dict[str, str]:
    digests = [row["description_digest"] for row in rows if row["description_digest"]]
    held = await connection.fetch(TEXTS, digests, LONGEST_BODY)
    bodies = {row["digest"]: row["body"] for row in held}
    return {
        row["notice_id"]: plain_text(bodies[row["description_digest"]])
        for row in rows
        if row["description_digest"] in bodies
    }


async def _headlines(
    connection: Connection, words: str, pieces: Sequence[str], options: str
) -> dict[int, str]:
    """By place in `pieces`, where words match."""
    rows = await connection.fetch(HEADLINES, words, pieces, options)
    return {row["ordinality"] - 1: row["headline"] for row in rows}


def _marked(field: str, headline: str) -> Highlight:
    text = ""
    marks: list[tuple[int, int]] = []
    for piece in headline.split(_START):
        word, stop, rest = piece.partition(_STOP)
        if stop:
            marks.append((len(text), len(text) + len(word)))
        text += word + rest
    return Highlight("title" if field == "title" else "description", text, tuple(marks))


def _passage(title: str, body: str, number: int | None) -> list[Highlight]:
    chunks = notice_chunks(title, body)
    if not body or number is None or number >= len(chunks):
        return []
    chunk = chunks[number]
    text = " ".join(body[chunk.start : chunk.end].split())
    if len(text) > PASSAGE_CHARS:
        text = text[: text.rfind(" ", 0, PASSAGE_CHARS)] + " …"
    return [Highlight("description", text)]
