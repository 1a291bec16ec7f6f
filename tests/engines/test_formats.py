"""Office formats, HTML and RTF, made here."""

import zipfile
from pathlib import Path

import pytest

from cluster.engines.reading import read_pages
from cluster.engines.sniff import ZIP, media_type_of
from domain.errors import Unreadable
from domain.pages import Cell
from tests.archives import zipped

S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table")
)


def archive(path: Path, **parts: str) -> Path:
    """Names with `__` for a slash and no `.xml` behind."""
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(f"{name.replace('__', '/')}.xml", content)
    return path


def test_a_sheet_is_a_page_of_cells(tmp_path: Path) -> None:
    file = archive(
        tmp_path / "a.xlsx",
        xl__workbook=f'<w {S} xmlns:r="{R}"><sheets><sheet name="Prices" r:id="r1"/></sheets></w>',
        xl__sharedStrings=f"<s {S}><si><t>Glo</t><t>ves</t></si></s>",
        xl__worksheets__sheet1=f'<w {S}><row><c r="B1" t="s"><v>0</v></c><c r="C1"><v>4.5</v></c>'
        '</row><row><c r="C2" t="inlineStr"><is><t>box</t></is></c></row></w>',
    )
    with zipfile.ZipFile(file, "a") as parts:
        target = '<r><Relationship Id="r1" Target="worksheets/sheet1.xml"/></r>'
        parts.writestr("xl/_rels/workbook.xml.rels", target)
    (page,) = read_pages(file)
    assert [(line.text, line.cell) for line in page.lines] == [
        *(("Prices", None), ("Gloves", Cell(0, 0, 1)), ("4.5", Cell(0, 0, 2))),
        ("box", Cell(0, 1, 2)),
    ]


def test_slides_are_pages_in_their_order(tmp_path: Path) -> None:
    slide = f"<s {A}><a:p><a:t>Slide</a:t><a:t> %d</a:t></a:p><a:p/></s>"
    file = archive(
        tmp_path / "a.pptx",
        ppt__presentation="<p/>",
        ppt__slides__slide10=slide % 10,
        ppt__slides__slide2=slide % 2,
    )
    assert [page.text for page in read_pages(file)] == ["Slide 2", "Slide 10"]


def test_an_opendocument_text_without_what_was_deleted(tmp_path: Path) -> None:
    file = tmp_path / "a.odt"
    body = (
        "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>"
        '<text:h text:outline-level="2">Scope</text:h>'
        "<text:p>Ship<text:s/>two <text:span>pumps</text:span> now</text:p>"
        "<table:table><table:table-row><table:table-cell><text:p>0001</text:p></table:table-cell>"
        "<table:table-cell><text:p>Pump</text:p></table:table-cell></table:table-row></table:table>"
    )
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        content = f"<office:document-content {ODF}><office:body>{body}</office:body>"
        parts.writestr("content.xml", f"{content}</office:document-content>")
    (page,) = read_pages(file)
    assert [(line.text, line.heading) for line in page.lines] == [
        *(("Scope", 2), ("Ship two pumps now", 0), ("0001", 0), ("Pump", 0)),
    ]
    assert page.tables == ((("0001", "Pump"),),)


def test_html_as_it_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "a.html"
    file.write_text(
        "<!DOCTYPE html><title>no</title><h2>Scope</h2><p>Ship&nbsp;<b>two</b> pumps<br>now"
        "<script>alert('no')</script><img src='http://192.0.2.1/x'><p hidden>x"
    )
    (page,) = read_pages(file)
    assert [(line.text, line.heading) for line in page.lines] == [
        *(("Scope", 2), ("Ship two pumps", 0), ("now", 0), ("x", 0)),
    ]


def test_rtf_without_its_machinery(tmp_path: Path) -> None:
    file = tmp_path / "a.rtf"
    file.write_text(
        r"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\*\generator x;}\b Ship\b0  two\par pumps \'93now\'94"
        r"\u8212?then\{\}}"
    )
    (page,) = read_pages(file)
    assert [line.text for line in page.lines] == ["Ship two", "pumps “now”—then{}"]


@pytest.mark.parametrize("content", [b"<html><body></body>", rb"{\rtf1}"])
def test_nothing_in_it_is_said(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(content)
    with pytest.raises(Unreadable, match="nothing is in it"):
        read_pages(file)


def test_groups_without_end_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.rtf"
    file.write_bytes(rb"{\rtf1" + b"{" * 100_000)
    with pytest.raises(Unreadable, match="too deeply"):
        read_pages(file)


def test_an_archive_with_a_pdf_as_it_is_is_no_pdf(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(zipped({"a.pdf": b"%PDF-1.4\n%%EOF"}, zipfile.ZIP_STORED))
    assert media_type_of(file) == ZIP
