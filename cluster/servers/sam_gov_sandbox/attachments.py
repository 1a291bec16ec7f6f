"""Files behind `resourceLinks`: small, invented, and always the same for the same link."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from textwrap import wrap
from xml.sax.saxutils import escape

_ITEMS = ("examination gloves", "surgical gowns", "patient monitors", "wound dressings", "syringes")
_DATE_TIME = (2026, 1, 1, 0, 0, 0)
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LINES_A_PAGE = 40


def attachment(key: str) -> tuple[str, bytes]:
    """The name as uploaded, and the content: a solicitation's PDF, DOCX, text or ZIP of these."""
    number = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16)
    return _KINDS[number % len(_KINDS)](number)


def _statement(number: int) -> list[str]:
    """Paragraphs of a statement of work that asks for something."""
    item = _ITEMS[number % len(_ITEMS)]
    days = 10 + number % 50
    quantity = 100 + number % 900
    return [
        f"SOLICITATION {number:08X}",
        "SECTION C - STATEMENT OF WORK",
        f"1. Scope. The Government requires {quantity} boxes of {item}.",
        f"2. Delivery. The contractor shall deliver {item} within {days} days of award.",
        "3. Packaging. Each box shall be marked with the lot number and the date of expiry.",
        "4. Recalls. The contractor must report every recall within 24 hours.",
        "SECTION L - INSTRUCTIONS",
        f"1. Offers shall have at most {5 + number % 20} pages.",
        "2. The offeror shall submit past performance on three contracts.",
        "SECTION M - EVALUATION",
        "1. Award will be made to the lowest priced offer that is technically acceptable.",
    ]


def _pdf_file(number: int) -> tuple[str, bytes]:
    return "Statement of Work § 3.pdf", pdf(_statement(number))


def _docx_file(number: int) -> tuple[str, bytes]:
    return "Solicitation.docx", docx(_statement(number))


def _text_file(number: int) -> tuple[str, bytes]:
    return "Price schedule.txt", "\n\n".join(_statement(number)).encode()


def _zip_file(number: int) -> tuple[str, bytes]:
    members = dict((_pdf_file(number), _docx_file(number + 1)))
    return "Attachments 1 and 2.zip", archive(members)


_KINDS: Sequence[Callable[[int], tuple[str, bytes]]] = (
    _pdf_file,
    _docx_file,
    _text_file,
    _pdf_file,
    _zip_file,
)


def docx(paragraphs: Sequence[str]) -> bytes:
    """The least that Word opens."""
    body = "".join(f"<w:p><w:r><w:t>{escape(one)}</w:t></w:r></w:p>" for one in paragraphs)
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    return archive(
        {
            "[Content_Types].xml": (
                f'<Types xmlns="{types}"><Default Extension="rels" '
                'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
            ).encode(),
            "_rels/.rels": (
                f'<Relationships xmlns="{relations}"><Relationship Id="rId1" Type="{relation}" '
                'Target="word/document.xml"/></Relationships>'
            ).encode(),
            "word/document.xml": (
                f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'
            ).encode(),
        }
    )


def archive(members: dict[str, bytes]) -> bytes:
    """A ZIP that is the same every time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, content in members.items():
            parts.writestr(zipfile.ZipInfo(name, _DATE_TIME), content)
    return buffer.getvalue()


def pdf(paragraphs: Sequence[str]) -> bytes:
    """Text in Helvetica, as ISO 32000-1 has it at its simplest."""
    lines = [line for one in paragraphs for line in (*wrap(one, 85), "")]
    sheets = [lines[at : at + _LINES_A_PAGE] for at in range(0, len(lines), _LINES_A_PAGE)]
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(sheets)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(sheets)}/Kids[{kids}]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for n, sheet in enumerate(sheets):
        shown = "".join(f"({_spelled(line)}) '\n" for line in sheet)
        drawn = f"BT /F1 11 Tf 16 TL 72 740 Td\n{shown}ET"
        objects.append(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]"
            f"/Resources<</Font<</F1 3 0 R>>>>/Contents {5 + 2 * n} 0 R>>"
        )
        objects.append(f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream")
    return _file_of(objects)


def _file_of(objects: Sequence[str]) -> bytes:
    content, places = b"%PDF-1.4\n", []
    for number, told in enumerate(objects, 1):
        places.append(len(content))
        content += f"{number} 0 obj\n{told}\nendobj\n".encode("latin-1", "replace")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size, start = len(objects) + 1, len(content)
    end = f"trailer<</Root 1 0 R/Size {size}>>\nstartxref\n{start}\n%%EOF\n"
    return content + f"xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode()


def _spelled(line: str) -> str:
    for sign in "\\()":
        line = line.replace(sign, f"\\{sign}")
    return line
