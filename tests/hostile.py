"""Files made to do harm, and a scan that means none."""

import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymupdf
from PIL import Image, ImageDraw, ImageFont

MU: Any = pymupdf
"""Its stubs lack half of it."""


@dataclass(frozen=True)
class Hostile:
    make: Callable[[Path], object]
    codes: frozenset[str]
    """Reasons, any of which is right."""


def scanned(path: Path, text: str, *, degrees: float) -> Path:
    """A page that is a picture of some lines, turned a little."""
    picture = Image.new("L", (1275, 1650), 255)
    font = ImageFont.load_default(30)
    for row in range(14):
        ImageDraw.Draw(picture).text((150, 150 + 60 * row), f"{text} {row}", 0, font=font)
    buffer = io.BytesIO()
    picture.rotate(degrees, fillcolor=255).save(buffer, "PNG")
    with MU.open() as document:
        document.new_page(width=612, height=792).insert_image(
            MU.Rect(0, 0, 612, 792), stream=buffer.getvalue()
        )
        document.save(path)
    return path


def _pdf(**options: Any) -> bytes:
    with MU.open() as document:
        for number in range(30):
            document.new_page().insert_text((72, 72), f"page {number} " * 10)
        content: bytes = document.tobytes(**options)
    return content


def _locked(path: Path) -> None:
    path.write_bytes(_pdf(user_pw="secret", encryption=MU.PDF_ENCRYPT_AES_256))


def _cut_off(path: Path) -> None:
    content = _pdf()
    path.write_bytes(content[: len(content) // 2])


def _deep_outline(path: Path) -> None:
    """One entry below the other, 100,000 times: MuPDF follows them until its stack ends."""
    depth = 60_000
    objects = [
        "<</Type/Catalog/Pages 2 0 R/Outlines 4 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>",
        "<</First 5 0 R/Last 5 0 R/Count 1>>",
    ]
    objects += [
        f"<</Title(a)/Parent {n + 4} 0 R/First {n + 6} 0 R/Last {n + 6} 0 R/Count 1>>"
        for n in range(depth)
    ]
    body = "%PDF-1.4\n"
    for number, content in enumerate(objects, 1):
        body += f"{number} 0 obj{content}endobj\n"
    path.write_text(f"{body}trailer<</Root 1 0 R/Size {len(objects)}>>\n%%EOF")


def _huge_picture(path: Path) -> None:
    """A few kilobytes that unfold to three gigabytes."""
    Image.new("1", (60_000, 50_000)).save(path, "PNG")


def _zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<a>" + b" " * (400 * 1024 * 1024))


def _billion_laughs(path: Path) -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 20}">' for n in range(1, 12))
    text = f'<!DOCTYPE w [<!ENTITY a0 "ha">{entities}]><w>&a11;</w>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", text)


def _deep_xml(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        inner = "<w:sdt>" * 50_000 + "</w:sdt>" * 50_000
        start = (
            '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        )
        archive.writestr("word/document.xml", f"{start}<w:body>{inner}</w:body></w:document>")


def _noise(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7\n" + random.Random(7).randbytes(50_000) + b"%%EOF")  # noqa: S311


HOSTILE = {
    "empty": Hostile(lambda path: path.write_bytes(b""), frozenset({"empty"})),
    "locked": Hostile(_locked, frozenset({"locked"})),
    "cut off": Hostile(_cut_off, frozenset({"broken"})),
    "noise that says PDF": Hostile(_noise, frozenset({"broken", "empty"})),
    "a program": Hostile(
        lambda path: path.write_bytes(b"\x7fELF" + b"\0" * 5_000), frozenset({"foreign"})
    ),
    "old Word": Hostile(
        lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4_000),
        frozenset({"legacy_office"}),
    ),
    "an outline without a floor": Hostile(
        _deep_outline, frozenset({"crashed", "bomb", "broken", "out_of_memory"})
    ),
    "a picture that unfolds": Hostile(_huge_picture, frozenset({"bomb"})),
    "an archive that unfolds": Hostile(_zip_bomb, frozenset({"bomb"})),
    "entities of entities": Hostile(_billion_laughs, frozenset({"bomb", "broken"})),
    "elements without a floor": Hostile(_deep_xml, frozenset({"bomb", "broken", "crashed"})),
}
