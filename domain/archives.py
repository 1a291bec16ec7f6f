"""Which files of an archive are taken out, and why the others are not."""

from dataclasses import dataclass
from pathlib import PurePosixPath

MOST_DEPTH = 2
"""An archive in an archive is opened; one in that is not."""
MOST_MEMBERS = 1_000
MOST_TOTAL_BYTES = 1024 * 1024 * 1024
MOST_MEMBER_BYTES = 250 * 1024 * 1024
MOST_RATIO = 200
SMALL_BYTES = 10 * 1024 * 1024
"""What unfolds to less may be packed as tightly as it likes."""

ENGINE = "archive"
"""Of a document whose pages are the files in it."""

_NO_FILES = ("__MACOSX/",)
"""What a Mac adds about the files."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """`code` is one of `domain.document.FailureReason`."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Member:
    """A file as the archive's directory tells it; sizes in bytes."""

    name: str
    size_bytes: int
    packed_bytes: int
    is_link: bool = False
    is_encrypted: bool = False


def is_file(name: str) -> bool:
    return not name.endswith("/") and not name.startswith(_NO_FILES)


def refuse(member: Member, taken_bytes: int) -> Refusal | None:
    """None for one that may be taken out after so many bytes of others."""
    if member.is_link:
        return Refusal("unsafe", "it is a link to another file")
    if leads_out(member.name):
        return Refusal("unsafe", "its name leads out of the archive")
    if member.is_encrypted:
        return Refusal("locked", "it is locked with a password")
    if member.size_bytes > MOST_MEMBER_BYTES:
        return Refusal("oversized", f"it unfolds to {member.size_bytes:,} bytes")
    if member.size_bytes > max(SMALL_BYTES, MOST_RATIO * member.packed_bytes):
        return Refusal("bomb", f"it unfolds to {member.size_bytes:,} bytes out of next to none")
    if taken_bytes + member.size_bytes > MOST_TOTAL_BYTES:
        return Refusal("bomb", f"the archive unfolds to more than {MOST_TOTAL_BYTES:,} bytes")
    return None


def leads_out(name: str) -> bool:
    """Whether a name, taken as a path by whichever system, is not below where it is unpacked."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or name[1:2] == ":" or "\0" in name
