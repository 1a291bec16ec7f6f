"""What stands on a page beside its text, on pages made here: born digital, and as pictures."""

import io
from pathlib import Path
from typing import Any

import pymupdf
from PIL import Image, ImageDraw, ImageFont

from cluster.engines.reading import read_pages
from cluster.engines.reading.opened import open_file
from domain.pages import Page
from tests.hostile import scanned

MU: Any = pymupdf


def kinds(page: Page) -> list[tuple[str, str]]:
    return [(mark.kind, mark.text) for mark in page.marks]


def test_fields_glyphs_drawn_boxes_and_stamps(tmp_path: Path) -> None:
    with MU.open() as document:
        sheet = document.new_page(width=612, height=792)
        for row, ticked in enumerate((True, False)):
            widget = MU.Widget()
            widget.rect = MU.Rect(72, 100 + 30 * row, 84, 112 + 30 * row)
            widget.field_type = MU.PDF_WIDGET_TYPE_CHECKBOX
            widget.field_name = f"field {row}"
            sheet.add_widget(widget)
            widget.field_value = ticked
            widget.update()
        for row, label in enumerate(("HUBZone", "8(a)")):
            top = 200 + 30 * row
            sheet.draw_rect(MU.Rect(72, top, 82, top + 10))
            sheet.insert_text((88, top + 9), label, fontsize=10)
        sheet.insert_text((74.5, 208.5), "X", fontsize=8)
        sheet.insert_text((72, 300), "[x] We agree", fontsize=10)
        sheet.add_stamp_annot(MU.Rect(300, 500, 400, 540), stamp=0)
        document.save(tmp_path / "a.pdf")
    (page,) = read_pages(tmp_path / "a.pdf")
    found = kinds(page)
    assert ("checked", "field 0") in found
    assert ("unchecked", "field 1") in found
    assert ("unchecked", "8(a)") in found
    assert ("checked", "We agree") in found
    assert any(kind == "checked" and "HUBZone" in text for kind, text in found)
    assert "stamp" in [kind for kind, _ in found]
    assert len(found) == 6


def test_boxes_in_a_picture(tmp_path: Path) -> None:
    picture = Image.new("L", (1275, 1650), 255)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(28)
    for row, ticked in enumerate((True, False, True)):
        top = 300 + 90 * row
        draw.rectangle((150, top, 174, top + 24), outline=0, width=2)
        if ticked:
            draw.line((152, top + 2, 172, top + 22), 0, 3)
            draw.line((152, top + 22, 172, top + 2), 0, 3)
        draw.text((195, top - 4), f"Certified under program number {row}", 0, font=font)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", dpi=(150, 150))
    (tmp_path / "a.png").write_bytes(buffer.getvalue())
    page = open_file(tmp_path / "a.png", "auto").read(1)
    assert [kind for kind, _ in kinds(page)] == ["checked", "unchecked", "checked"]
    assert "program number 1" in page.marks[1].text
    assert all(mark.box.right <= page.width for mark in page.marks)


def test_letters_are_no_boxes(tmp_path: Path) -> None:
    file = scanned(tmp_path / "a.pdf", "DO BOB D0G OOOO 8888 HHHH", degrees=0)
    assert open_file(file, "auto").read(1).marks == ()


def test_a_figure_has_its_caption(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (200, 150), (90, 120, 160)).save(buffer, "PNG")
    with MU.open() as document:
        sheet = document.new_page(width=612, height=792)
        sheet.insert_text((72, 80), "The unit is shown below. " * 3, fontsize=10)
        sheet.insert_image(MU.Rect(72, 100, 272, 250), stream=buffer.getvalue())
        sheet.insert_text((72, 270), "Figure 2. Bladder scanner", fontsize=10)
        document.save(tmp_path / "a.pdf")
    (page,) = read_pages(tmp_path / "a.pdf")
    [figure] = page.figures
    assert figure.caption == "Figure 2. Bladder scanner"
    assert (round(figure.box.left), round(figure.box.bottom)) == (72, 250)


def test_a_text_layer_that_is_not_what_the_picture_shows_is_noticed(tmp_path: Path) -> None:
    seen = "The contractor shall deliver nitrile gloves"
    file = scanned(tmp_path / "a.pdf", seen, degrees=0)
    for name, hidden in (("lies.pdf", "pay the bearer without any delay"), ("same.pdf", seen)):
        with MU.open(file) as document:
            for row in range(14):
                place = (72, 80 + 28 * row)
                document[0].insert_text(place, f"{hidden} {row}", fontsize=10, render_mode=3)
            document.save(tmp_path / name)
    lies = open_file(tmp_path / "lies.pdf", "auto").read(1)
    assert lies.engine == "tesseract"
    assert "contractor" in lies.text
    assert "bearer" not in lies.text
    assert "not what its picture shows" in lies.warnings[-1]
    same = open_file(tmp_path / "same.pdf", "auto").read(1)
    assert (same.engine, same.warnings) == ("text", ())
