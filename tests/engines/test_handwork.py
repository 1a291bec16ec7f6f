"""Signatures, stamps and figures, on pages made here: born digital, and as pictures."""

import io
from math import cos, sin
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from cluster.engines.reading import read_pages
from cluster.engines.reading.opened import open_file
from domain.pages import Box, Mark, Page

MU: Any = pymupdf
SCALE = 150 / 72
BLUE, RED = (20, 40, 160), (190, 20, 30)


def scrawl(left: float, top: float, width: float = 120, height: float = 24) -> list[Any]:
    """What a pen leaves: loops from left to right, in points."""
    turns = [n / 200 for n in range(201)]
    return [
        (
            left + width * (turn + 0.04 * cos(60 * turn)),
            top + height * (0.5 + 0.5 * sin(60 * turn) * (1 - 0.6 * turn)),
        )
        for turn in turns
    ]


class Paper:
    """A letter-sized sheet as a scanner sees it; places in points."""

    def __init__(self, mode: str = "L") -> None:
        self.picture = Image.new(mode, (1275, 1650), "white")
        self._draw = ImageDraw.Draw(self.picture)

    def text(self, left: float, top: float, text: str, size: int = 24) -> None:
        font = ImageFont.load_default(size)
        self._draw.text((left * SCALE, top * SCALE), text, "black", font=font)

    def rule(self, left: float, right: float, down: float) -> None:
        self._draw.line((left * SCALE, down * SCALE, right * SCALE, down * SCALE), "black", 2)

    def pen(self, points: list[Any], colour: Any = 0, width: int = 3) -> None:
        self._draw.line([(x * SCALE, y * SCALE) for x, y in points], colour, width, "curve")

    def frame(self, box: Box, colour: Any, *, is_round: bool) -> None:
        edges = tuple(at * SCALE for at in (box.left, box.top, box.right, box.bottom))
        shape = self._draw.ellipse if is_round else self._draw.rectangle
        shape(edges, outline=colour, width=4)

    def paste(self, picture: Image.Image, left: float, top: float) -> None:
        self.picture.paste(picture, (round(left * SCALE), round(top * SCALE)))

    def read(self, path: Path, degrees: float = 0.0) -> Page:
        turned = self.picture.rotate(degrees, fillcolor="white", resample=Image.Resampling.BICUBIC)
        turned.save(path, "PNG", dpi=(150, 150))
        return open_file(path, "auto").read(1)


def of_kind(page: Page, kind: str) -> list[Mark]:
    return [mark for mark in page.marks if mark.kind == kind]


def form(mode: str = "L") -> Paper:
    """Two places to sign, with rules, below some text."""
    paper = Paper(mode)
    for row in range(8):
        paper.text(
            72, 80 + 24 * row, "The offeror certifies that all of this is true and complete."
        )
    for label, top in (("Signature of Offeror", 420), ("Signature of Contracting Officer", 520)):
        paper.text(72, top, label)
        paper.rule(72, 330, top - 4)
    return paper


@pytest.mark.parametrize("degrees", [0.0, 1.5])
def test_a_signature_stands_by_its_label_and_an_empty_place_is_none(
    tmp_path: Path, degrees: float
) -> None:
    paper = form()
    paper.pen(scrawl(90, 388))
    [signature] = of_kind(paper.read(tmp_path / "a.png", degrees), "signature")
    assert "Offeror" in signature.text
    assert signature.box.left < 110 < 180 < signature.box.right
    assert signature.box.top < 400 < signature.box.bottom


def test_a_form_that_nobody_signed_has_no_signature(tmp_path: Path) -> None:
    page = form().read(tmp_path / "a.png")
    assert "Signature of Offeror" in page.text
    assert page.marks == ()


def test_a_name_after_s_is_a_signature(tmp_path: Path) -> None:
    with MU.open() as document:
        sheet = document.new_page()
        sheet.insert_text((72, 100), "The contractor agrees to all of the terms above.")
        sheet.insert_text((72, 130), "/s/ Jane Roe")
        document.save(tmp_path / "a.pdf")
    (page,) = read_pages(tmp_path / "a.pdf")
    assert [mark.text for mark in of_kind(page, "signature")] == ["/s/ Jane Roe"]


@pytest.mark.parametrize("how", ["picture", "curves", "ink"])
def test_a_born_digital_page_is_signed_beside_the_label_alone(tmp_path: Path, how: str) -> None:
    with MU.open() as document:
        sheet = document.new_page(width=612, height=792)
        sheet.insert_text((72, 400), "Signature of Offeror", fontsize=10)
        sheet.insert_text((72, 700), "Approved in the year 2026", fontsize=10)
        for top in (360, 660):
            sign(sheet, how, top)
        document.save(tmp_path / "a.pdf")
    (page,) = read_pages(tmp_path / "a.pdf")
    [signature] = of_kind(page, "signature")
    assert (signature.text, signature.box.bottom < 420) == ("Signature of Offeror", True)


def test_words_that_are_pictures_too_are_no_signatures(tmp_path: Path) -> None:
    with MU.open() as document:
        sheet = document.new_page(width=612, height=792)
        sheet.insert_text((72, 400), "Signature of Offeror", fontsize=14)
        sign(sheet, "picture", 384)
        document.save(tmp_path / "a.pdf")
    (page,) = read_pages(tmp_path / "a.pdf")
    assert of_kind(page, "signature") == []


def test_a_dark_corner_of_a_scan_is_no_figure(tmp_path: Path) -> None:
    paper = form()
    paper.paste(Image.new("L", (200, 200), 40), 0, 0)
    assert paper.read(tmp_path / "a.png").figures == ()


def sign(sheet: Any, how: str, top: float) -> None:
    line = scrawl(80, top)
    if how == "picture":
        picture = Image.new("RGB", (240, 60), "white")
        ImageDraw.Draw(picture).line([(2 * x - 160, 2 * (y - top)) for x, y in line], BLUE, 3)
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        sheet.insert_image(MU.Rect(80, top, 200, top + 30), stream=buffer.getvalue())
    elif how == "ink":
        sheet.add_ink_annot([line])
    else:
        shape = sheet.new_shape()
        for at in range(0, 196, 4):
            shape.draw_bezier(*(MU.Point(*line[at + step]) for step in range(4)))
        shape.finish(color=(0, 0, 0), closePath=False)
        shape.commit()


@pytest.mark.parametrize("is_round", [True, False])
def test_a_stamp_has_the_words_within_it(tmp_path: Path, is_round: bool) -> None:
    paper = form("RGB")
    box = Box(380, 560, 520, 660) if is_round else Box(380, 560, 520, 600)
    paper.frame(box, RED, is_round=is_round)
    paper.text(405, (box.top + box.bottom) / 2 - 8, "RECEIVED", 34)
    page = paper.read(tmp_path / "a.png")
    [stamp] = of_kind(page, "stamp")
    assert stamp.text == "RECEIVED"
    assert abs(stamp.box.left - box.left) < 4
    assert abs(stamp.box.bottom - box.bottom) < 4


def test_a_round_stamp_in_black_is_one_and_a_level_frame_is_not(tmp_path: Path) -> None:
    paper = form()
    paper.frame(Box(380, 560, 480, 660), 0, is_round=True)
    paper.text(400, 600, "PAID", 40)
    paper.frame(Box(72, 560, 220, 620), 0, is_round=False)
    paper.text(90, 580, "Block 12", 30)
    page = paper.read(tmp_path / "a.png")
    assert [stamp.text for stamp in of_kind(page, "stamp")] == ["PAID"]


def test_figures_of_a_scan_have_their_captions(tmp_path: Path) -> None:
    paper = form()
    photo = Image.effect_noise((320, 220), 90).point(lambda shade: shade // 2)
    paper.paste(photo, 100, 560)
    paper.text(100, 672, "Figure 4. The pump from the left", 26)
    page = paper.read(tmp_path / "a.png")
    [figure] = page.figures
    assert figure.caption.startswith("Figure 4.")
    assert abs(figure.box.left - 100) < 6
    assert abs(figure.box.width - 320 / SCALE) < 12


def test_a_drawing_with_a_caption_is_a_figure_and_rules_are_none(tmp_path: Path) -> None:
    with MU.open() as document:
        sheet = document.new_page(width=612, height=792)
        sheet.draw_rect(MU.Rect(72, 500, 300, 640))
        for words, caption in (("Figure 1. How to ship", 420), ("Prices are firm", 660)):
            sheet.insert_text((72, caption), words, fontsize=10)
        for at in range(5):
            sheet.draw_circle((120 + 40 * at, 330), 60)
        document.save(tmp_path / "a.pdf")
    (page,) = read_pages(tmp_path / "a.pdf")
    [figure] = page.figures
    assert figure.caption == "Figure 1. How to ship"
    assert (round(figure.box.left), round(figure.box.top)) == (60, 270)
