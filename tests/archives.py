"""ZIP files for tests, honest and otherwise."""

import io
import stat
import zipfile
from collections.abc import Mapping


def zipped(members: Mapping[str, bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as parts:
        for name, content in members.items():
            parts.writestr(zipfile.ZipInfo(name), content, packed)
    return buffer.getvalue()


def linked(name: str, target: str) -> bytes:
    """A symbolic link as Unix packs one."""
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as parts:
        parts.writestr(info, target)
    return buffer.getvalue()


def encrypted(members: Mapping[str, bytes]) -> bytes:
    """With the mark of encryption on each member, in both of its headers."""
    content = bytearray(zipped(members))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(magic)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(magic, at + 4)
    return bytes(content)


def lying(name: str, content: bytes, told_bytes: int) -> bytes:
    """Its directory tells another size than what unfolds."""
    honest = bytearray(zipped({name: content}))
    at = honest.find(b"PK\x01\x02")
    honest[at + 24 : at + 28] = told_bytes.to_bytes(4, "little")
    return bytes(honest)
