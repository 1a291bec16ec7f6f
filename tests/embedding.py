"""Embeddings without a model, for tests."""

import hashlib
from collections.abc import Sequence

from domain.vectors import Vector


class HashEmbedder:
    """Implements `Embedder`: equal texts have equal vectors, other texts other ones."""

    def __init__(self, dimensions: int = 3) -> None:
        self._dimensions = dimensions
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        self.asked += texts
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Vector:
        digest = hashlib.blake2b(text.encode(), digest_size=self._dimensions).digest()
        return [byte / 255 for byte in digest]
