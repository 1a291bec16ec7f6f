"""Content codings of requests and answers, each bounded in what it may grow to."""

import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import lz4.frame
from backports import zstd

PIECE_BYTES = 1 << 20

GZIP_WINDOW = 31
ANY_ZLIB_WINDOW = 47  # gzip or zlib, whichever the data begins with.

_DECODERS: dict[str, tuple[Callable[[], Any], tuple[type[Exception], ...]]] = {
    "lz4": (lz4.frame.LZ4FrameDecompressor, (RuntimeError,)),
    "zstd": (zstd.ZstdDecompressor, (zstd.ZstdError,)),
    "gzip": (lambda: _Inflate(ANY_ZLIB_WINDOW), (zlib.error,)),
    "deflate": (lambda: _Inflate(ANY_ZLIB_WINDOW), (zlib.error,)),
}

_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "lz4": lz4.frame.compress,
    "zstd": zstd.compress,
    "gzip": lambda data: _deflate(data, GZIP_WINDOW),
    "deflate": lambda data: _deflate(data, zlib.MAX_WBITS),
}


@dataclass(eq=False)
class Undecodable(Exception):
    """The body is not what its Content-Encoding says, or is cut short."""

    reason: str


@dataclass(eq=False)
class TooLarge(Exception):
    """The body decodes to more than is allowed."""

    limit_bytes: int


def decode(body: bytes, coding: str, limit_bytes: int) -> bytes:
    """The whole content: a body may be many frames in a row, one for each block of an insert."""
    if coding in ("", "identity"):
        return body
    if coding not in _DECODERS:
        raise Undecodable(f"unknown Content-Encoding {coding!r}")
    pieces, size = [], 0
    for piece in _frames(body, coding):
        size += len(piece)
        if size > limit_bytes:
            raise TooLarge(limit_bytes)
        pieces.append(piece)
    return b"".join(pieces)


def encode(data: bytes, accepted: str) -> tuple[bytes, str | None]:
    """In the first coding of an Accept-Encoding header that is known here, or as it is."""
    for offer in accepted.split(","):
        coding = offer.partition(";")[0].strip().lower()
        if coding in _ENCODERS:
            return _ENCODERS[coding](data), coding
    return data, None


def _frames(body: bytes, coding: str) -> Iterator[bytes]:
    make, errors = _DECODERS[coding]
    at = 0
    while at < len(body):
        try:
            at = yield from _frame(make(), body, at)
        except errors as error:
            raise Undecodable(str(error)) from error


def _frame(decoder: Any, body: bytes, at: int) -> Generator[bytes, None, int]:
    """In pieces, so that a bomb is noticed before it is unpacked. Returns where the next begins."""
    while not decoder.eof:
        if not decoder.needs_input:
            yield decoder.decompress(b"", PIECE_BYTES)
            continue
        piece = body[at : at + PIECE_BYTES]
        if not piece:
            raise Undecodable("the body ends within a frame")
        at += len(piece)
        yield decoder.decompress(piece, PIECE_BYTES)
    return at - len(decoder.unused_data or b"")


class _Inflate:
    """zlib's decompressor with the face that those of lz4 and zstd have."""

    def __init__(self, window: int) -> None:
        self._zlib = zlib.decompressobj(window)

    def decompress(self, data: bytes, limit: int) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, limit)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data


def _deflate(data: bytes, window: int) -> bytes:
    compressor = zlib.compressobj(level=1, wbits=window)
    return compressor.compress(data) + compressor.flush()
