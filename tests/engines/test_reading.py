"""Reading: PDFs and DOCX made here."""

import zipfile
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from cluster.engines.reading import read_pages
from domain.errors import NotFound, Unreadable

MU: Any = pymupdf
"""Its stubs lack half of it."""
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def pdf(path: Path, *pages: list[tuple[float, float, str]], password: str = "") -> Path:
    with MU.open() as document:
        for texts in pages:
            sheet = document.new_page(width=612, height=792)
            for left, top, text in texts:
                sheet.insert_text((left, top), text, fontsize=10)
        encryption = MU.PDF_ENCRYPT_AES_256 if password else MU.PDF_ENCRYPT_NONE
        document.save(path, user_pw=password or None, encryption=encryption)
    return path


def docx(path: Path, body: str, **parts: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        document = f"<w:document {W} {MC}><w:body>{body}</w:body></w:document>"
        archive.writestr("word/document.xml", document)
        for name, text in parts.items():
            archive.writestr(f"word/{name}.xml", text)
    return path


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_lines_words_and_boxes(tmp_path: Path) -> None:
    (page,) = read_pages(pdf(tmp_path / "a.pdf", [(72, 100, "Ship two pumps"), (72, 200, "Now")]))
    assert [line.text for line in page.lines] == ["Ship two pumps", "Now"]
    first = page.lines[0]
    assert [word.text for word in first.words] == ["Ship", "two", "pumps"]
    assert first.box is not None
    assert (round(first.box.left), page.width, page.height) == (72, 612, 792)


def test_a_bullet_and_its_text_are_one_line(tmp_path: Path) -> None:
    texts = [(72.0, 100.0, "1.0"), (108.0, 100.0, "Purpose of this work")]
    (page,) = read_pages(pdf(tmp_path / "a.pdf", texts))
    assert [line.text for line in page.lines] == ["1.0 Purpose of this work"]


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    rows = [(left, 100.0 + 14 * row, f"{side} column line {row} with words to fill it up")
            for row in range(12) for left, side in ((50.0, "left"), (320.0, "right"))]  # fmt: skip
    (page,) = read_pages(pdf(tmp_path / "a.pdf", rows))
    assert [line.text.split()[0] for line in page.lines] == ["left"] * 12 + ["right"] * 12


def test_cells_of_a_ruled_table_are_read_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with MU.open() as document:
        sheet = document.new_page(width=612, height=792)
        for row, texts in enumerate([("Name", "Value"), ("Weight", "9 lb"), ("Size", "Small")]):
            for column, text in enumerate(texts):
                left, top = 72 + 150 * column, 100 + 30 * row
                sheet.draw_rect(MU.Rect(left, top, left + 150, top + 30))
                sheet.insert_text((left + 5, top + 20), text, fontsize=10)
        document.save(path)
    (page,) = read_pages(path)
    assert page.tables == ((("Name", "Value"), ("Weight", "9 lb"), ("Size", "Small")),)


def test_form_fields_hold_what_was_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with MU.open() as document:
        sheet = document.new_page()
        widget = MU.Widget()
        widget.field_name, widget.field_type = "offeror", MU.PDF_WIDGET_TYPE_TEXT
        widget.field_value, widget.rect = "Acme", MU.Rect(50, 50, 200, 70)
        sheet.add_widget(widget)
        document.save(path)
    (page,) = read_pages(path)
    assert [(field.name, field.value) for field in page.fields] == [("offeror", "Acme")]


def test_a_docx_keeps_insertions_and_drops_deletions(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:t>Pay </w:t></w:r><w:ins><w:r><w:t>in 30</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>in 60</w:delText></w:r></w:del>"
        "<w:r><w:noBreakHyphen/><w:t>day terms</w:t></w:r></w:p>"
    )
    (page,) = read_pages(docx(tmp_path / "a.docx", body))
    assert [line.text for line in page.lines] == ["Pay in 30-day terms"]


def test_a_docx_with_a_table_text_box_note_and_header(tmp_path: Path) -> None:
    inside = f"<w:pict><w:txbxContent>{paragraph('Boxed')}</w:txbxContent></w:pict>"
    box = f"<w:p><w:r><w:t>Before</w:t>{inside}</w:r></w:p>"
    noted = f"<w:footnote>{paragraph('Noted')}</w:footnote>"
    row = f"<w:tr><w:tc>{paragraph('A')}</w:tc><w:tc>{paragraph('B')}</w:tc></w:tr>"
    (page,) = read_pages(
        docx(
            tmp_path / "a.docx",
            f"{box}<w:tbl>{row}</w:tbl>",
            footnotes=f"<w:footnotes {W}>{noted}</w:footnotes>",
            header1=f"<w:hdr {W}>{paragraph('RFQ 7')}</w:hdr>",
        )
    )
    assert [line.text for line in page.lines] == ["Before", "Boxed", "A", "B", "Noted"]
    assert page.tables == ((("A", "B"),),)
    assert [line.text for line in page.running] == ["RFQ 7"]


def test_numbers_that_word_draws_are_markers(tmp_path: Path) -> None:
    numbering = (
        f'<w:numbering {W}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">'
        '<w:start w:val="1"/>'
        '<w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%1)"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )
    listed = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    body = paragraph("First", listed) + paragraph("Second", listed)
    (page,) = read_pages(docx(tmp_path / "a.docx", body, numbering=numbering))
    assert [(line.marker, line.text) for line in page.lines] == [
        ("(a)", "First"),
        ("(b)", "Second"),
    ]


def test_plain_text_pages_end_at_form_feeds(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The first page\fThe second page", encoding="utf-8")
    assert [page.text for page in read_pages(path)] == ["The first page", "The second page"]


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    whole = pdf(tmp_path / "whole.pdf", [(72, 100, "Words")]).read_bytes()
    cases = {
        "cut.pdf": (whole[: len(whole) // 2], "its end is missing"),
        "old.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Office format"),
        "broken.docx": (b"PK\x03\x04 nothing", "broken archive"),
        "blob.bin": (b"\x00\x01\x02", "none of PDF, DOCX"),
        "empty.txt": (b"", "empty"),
    }
    for name, (data, reason) in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(Unreadable, match=reason):
            read_pages(tmp_path / name)


def test_a_locked_pdf_says_so(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", [(72, 100, "Secret")], password="opensesame")  # noqa: S106 - of a file made here
    with pytest.raises(Unreadable, match="password"):
        read_pages(path)


def test_an_archive_of_files_is_not_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "words")
    with pytest.raises(Unreadable, match="documents of their own"):
        read_pages(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_pages(tmp_path / "none.pdf")
