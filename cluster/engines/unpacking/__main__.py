"""Takes an archive apart into a folder. Arguments: archive, folder, memory in bytes.

Files are named by number there, from 1 on, never by what the archive calls them. Answers one line
of JSON: `{"members": [{"name", "failed": null | {"code", "reason"}}]}` or `{"refused": {…}}`.
"""

import json
import resource
import stat
import sys
import zipfile
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cluster.engines.reading.sandbox import confine
from domain.archives import (
    MOST_MEMBER_BYTES,
    MOST_MEMBERS,
    Member,
    Refusal,
    is_file,
    refuse,
)

_PIECE_BYTES = 1024 * 1024
_ENCRYPTED = 0x1


def main(archive: Path, folder: Path, memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_MEMBER_BYTES, MOST_MEMBER_BYTES))
    confine(memory_bytes)
    try:
        with zipfile.ZipFile(archive) as parts:
            answer = _taken_apart(parts, folder)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        answer = {"refused": asdict(Refusal("broken", f"a broken archive ({error})"))}
    sys.stdout.write(json.dumps(answer) + "\n")


def _taken_apart(parts: zipfile.ZipFile, folder: Path) -> dict[str, Any]:
    files = [one for one in parts.infolist() if is_file(one.filename)]
    if not files:
        return {"refused": asdict(Refusal("empty", "there is no file in it"))}
    if len(files) > MOST_MEMBERS:
        reason = f"it holds {len(files):,} files, more than {MOST_MEMBERS:,}"
        return {"refused": asdict(Refusal("bomb", reason))}
    told, taken_bytes = [], 0
    for number, one in enumerate(files, 1):
        failed = refuse(_member(one), taken_bytes) or _take(parts, one, folder / f"{number}")
        taken_bytes += 0 if failed else one.file_size
        told.append({"name": one.filename, "failed": asdict(failed) if failed else None})
    return {"members": told}


def _member(one: zipfile.ZipInfo) -> Member:
    return Member(
        name=one.filename,
        size_bytes=one.file_size,
        packed_bytes=one.compress_size,
        is_link=stat.S_ISLNK(one.external_attr >> 16),
        is_encrypted=bool(one.flag_bits & _ENCRYPTED),
    )


def _take(parts: zipfile.ZipFile, one: zipfile.ZipInfo, path: Path) -> Refusal | None:
    """`zipfile` gives no byte more than the directory told, and checks the sum at the end."""
    try:
        with parts.open(one) as packed, path.open("wb") as file:
            while piece := packed.read(_PIECE_BYTES):
                file.write(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        return Refusal("broken", f"it is broken ({error})")
    except (NotImplementedError, RuntimeError) as error:
        return Refusal("foreign", f"it is packed in a way that we don't read ({error})")
    return None


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
