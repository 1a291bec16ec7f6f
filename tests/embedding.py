"""Embeddings without a model, for tests."""

import hashlib
import math
from collections.abc import Sequence

from domain.answers import words
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


class KeywordEmbedder:
    """Implements `Embedder`: texts are near where they share words. Vectors of length one."""

    def __init__(self, dimensions: int = 384) -> None:
        self._dimensions = dimensions
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        self.asked += texts
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Vector:
        vector = [0.0] * self._dimensions
        for word in words(text):
            digest = hashlib.blake2b(word.encode(), digest_size=4).digest()
            vector[int.from_bytes(digest) % self._dimensions] = 1.0
        length = math.sqrt(sum(vector)) or 1.0
        return [one / length for one in vector]


class KeywordEmbedding:
    """Implements `TextEmbedding` by the same."""

    def __init__(self) -> None:
        self._embedder = KeywordEmbedder()

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        return self._embedder.embed(texts)
