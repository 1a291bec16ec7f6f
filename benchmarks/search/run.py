"""How well search finds what `queries.jsonl` judges relevant: all modes, both halves.

    python -m benchmarks.search.run [--notices ../shared/data/notices]

Starts the embedded stores in a temporary home and takes the way of the product: events, read
model, chunks, vectors, search. Vectors of texts seen before come from the cache folder.
"""

import argparse
import asyncio
import csv
import gzip
import hashlib
import json
import math
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any
from uuid import uuid4

import numpy as np

from cluster.engines.embedder import MiniLmEmbedder
from cluster.settings import EmbedderSettings
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.migrate import migrate
from cluster.stores.opportunity_projection import project_opportunities
from cluster.stores.opportunity_search import PostgresOpportunitySearch
from cluster.stores.postgres import Pool, open_pool
from cluster.stores.texts import PostgresTextStore
from cluster.stores.vectors import ensure_live, open_vectors
from domain.access import PUBLIC
from domain.embedding import EmbedNotices
from domain.events import Append, Cause, Recorded
from domain.flows import EVENT_TYPES
from domain.narrowing import OPPORTUNITY_VECTORS
from domain.notice import Notice
from domain.opportunity import OPPORTUNITY, OpportunityDiscovered
from domain.ports import VectorIndex
from domain.search import Mode, SearchQuery
from domain.vectors import OPPORTUNITIES, Vector
from tests.stores import stores_in

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "medcontracthub"
TOP = 10
BATCH = 200


@dataclass(frozen=True, slots=True)
class Judged:
    id: int
    kind: str
    query: str
    relevant: Mapping[str, int]


class Remembering:
    """An embedder, and the vectors that it gave before."""

    def __init__(self, embedder: MiniLmEmbedder, file: Path) -> None:
        self._embedder = embedder
        self._file = file
        self._held: dict[str, Vector] = {}
        if file.exists():
            with np.load(file) as held:
                self._held = dict(zip(held["digests"].tolist(), held["vectors"], strict=True))

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        missing = {
            key: text for key, text in zip(keys, texts, strict=True) if key not in self._held
        }
        vectors = self._embedder.embed(list(missing.values()))
        self._held |= zip(missing, vectors, strict=True)
        return [[float(value) for value in self._held[key]] for key in keys]

    def keep(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        vectors = np.array(list(self._held.values()), dtype=np.float32)
        np.savez(self._file, digests=np.array(list(self._held)), vectors=vectors)


class Local:
    """Implements `TextEmbedding` by an embedder of this process."""

    def __init__(self, embedder: Remembering) -> None:
        self._embedder = embedder

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        return self._embedder.embed(texts)


async def main(notices: Path) -> None:
    judged = [Judged(**json.loads(line)) for line in (HERE / "queries.jsonl").open()]
    embedder = Remembering(MiniLmEmbedder.load(EmbedderSettings()), CACHE / "search_vectors.npz")
    with tempfile.TemporaryDirectory() as home, stores_in(Path(home)) as settings:
        assert settings.postgres.owner_dsn
        await migrate(str(settings.postgres.owner_dsn.get_secret_value()))
        async with (
            open_pool(settings.postgres, "mch_app") as pool,
            open_vectors(settings, pool) as vectors,
        ):
            await ensure_live(vectors.collections, OPPORTUNITIES, OPPORTUNITY_VECTORS)
            index = vectors.index(OPPORTUNITIES)
            await _fill(pool, index, embedder, list(_notices(notices)))
            embedder.keep()
            search = PostgresOpportunitySearch(pool, index, Local(embedder))
            for mode in Mode:
                _report(mode, judged, [await _ask(search, mode, it.query) for it in judged])


async def _fill(
    pool: Pool, index: VectorIndex, embedder: Remembering, told: Sequence[tuple[Notice, str]]
) -> None:
    texts = PostgresTextStore(pool)
    events = PostgresEventStore(pool, EVENT_TYPES, {"Opportunity": project_opportunities})
    embed = EmbedNotices(embedder, index, texts)
    for start in range(0, len(told), BATCH):
        some = told[start : start + BATCH]
        await texts.put({it.description_digest: text for it, text in some if it.description_digest})
        discovered = [OpportunityDiscovered(notice=notice, form=3) for notice, _ in some]
        await events.append_many([_append(event) for event in discovered])
        await embed([_recorded(event) for event in discovered])


def _append(event: OpportunityDiscovered) -> Append:
    return Append(
        stream=OPPORTUNITY.stream(PUBLIC, event.notice.notice_id),
        events={uuid4(): event},
        expected_version=0,
        cause=Cause(correlation_id=uuid4(), causation_id=uuid4(), origin="import"),
    )


def _recorded(event: OpportunityDiscovered) -> Recorded:
    return Recorded(
        position=1,
        stream=OPPORTUNITY.stream(PUBLIC, event.notice.notice_id),
        version=1,
        event_id=uuid4(),
        schema_version=1,
        cause=Cause(correlation_id=uuid4(), causation_id=uuid4(), origin="import"),
        recorded_at=datetime.now(UTC),
        event=event,
    )


def _notices(folder: Path) -> Iterator[tuple[Notice, str]]:
    """Every distinct notice of both files; where both have it, from the first."""
    seen: set[str] = set()
    for record in _records(folder):
        if record["id"] not in seen:
            seen.add(record["id"])
            text = record["text"] or ""
            digest = hashlib.sha256(text.encode()).hexdigest() if text else None
            facts = {name: record[name] or None for name in ("solicitation_number", "psc")}
            yield (
                Notice(
                    notice_id=record["id"],
                    title=record["title"],
                    description_digest=digest,
                    **facts,
                ),
                text,
            )


def _records(folder: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(folder / "sam_medical_notices.jsonl.gz", "rt", encoding="utf-8") as lines:
        for told in map(json.loads, lines):
            yield {
                "id": told["noticeId"],
                "title": told["title"],
                "solicitation_number": told["solicitationNumber"],
                "psc": told["pscFromTitle"],
                "text": told["description"],
            }
    csv.field_size_limit(10**9)
    with (folder / "sam_bulk_extract.csv").open(encoding="utf-8", errors="replace") as rows:
        for row in csv.DictReader(rows):
            yield {
                "id": row["NoticeId"],
                "title": row["Title"],
                "solicitation_number": row["Sol#"],
                "psc": row["ClassificationCode"],
                "text": row["Description"],
            }


async def _ask(search: PostgresOpportunitySearch, mode: Mode, words: str) -> list[str]:
    found = await search.search(PUBLIC, SearchQuery(q=words, mode=mode, limit=TOP))
    return [item.notice_id for item in found.items]


def _report(mode: Mode, judged: Sequence[Judged], answers: Sequence[Sequence[str]]) -> None:
    for half, parity in (("tuned on (odd)", 1), ("reported (even)", 0)):
        for kind in ("lay", "term", "all"):
            some = [
                _measures(it.relevant, answer)
                for it, answer in zip(judged, answers, strict=True)
                if it.id % 2 == parity and kind in {it.kind, "all"}
            ]
            recall, gain = (mean(column) for column in zip(*some, strict=True))
            print(f"| {mode} | {half} | {kind} | {len(some)} | {recall:.3f} | {gain:.3f} |")


def _measures(relevant: Mapping[str, int], answer: Sequence[str]) -> tuple[float, float]:
    """Recall@10 and nDCG@10."""
    found = sum(key in relevant for key in answer)
    gain = sum(relevant.get(key, 0) / math.log2(at + 2) for at, key in enumerate(answer))
    ideal = sorted(relevant.values(), reverse=True)[:TOP]
    best = sum(grade / math.log2(at + 2) for at, grade in enumerate(ideal))
    return found / min(TOP, len(relevant)), gain / best


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).parents[3] / "shared" / "data" / "notices"
    parser.add_argument("--notices", type=Path, default=default)
    asyncio.run(main(parser.parse_args().notices))
