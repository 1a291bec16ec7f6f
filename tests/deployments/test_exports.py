"""Exports are read back, by other libraries than those that wrote them where there are such."""

import csv
import io
from dataclasses import replace
from uuid import UUID

import docx
import openpyxl
import pymupdf
import pytest

from deployments.exports.pdf import to_pdf
from deployments.exports.spreadsheets import to_csv, to_xlsx
from deployments.exports.word import to_docx
from domain.matrix_table import COLUMNS, matrix_table, neutral
from domain.matrix_views import MatrixLinkView, MatrixRowView
from domain.requirements import Requirement

EVIL = (
    '=HYPERLINK("http://evil.example","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "  =1+1",
    "\uff1d1+1",
)
REQUIREMENT = Requirement(
    "005-01", 5, "L", "52.212-1(b)", EVIL[0], "offeror", "must", "submission", lead_in="Show—"
)
ROW = MatrixRowView(
    row_key="a",
    document_id=UUID(int=1),
    number=1,
    label=7,
    status="partly",
    assignee="dana",
    note=EVIL[1],
    answer="See volume 2, page 3.\x00\x0b",
    section=None,
    touched="changed",
    version=3,
    edited_by="dana",
    edited_at=None,
    requirement=REQUIREMENT,
    before=None,
)
OTHER = replace(ROW, row_key="b", label=8, answer="<b>bold</b> & “signs” ☐", note=None)
LINKS = [
    MatrixLinkView("a", "b", 0.8, "confirmed", "dana", None),
    MatrixLinkView("b", "gone", 0.8, "confirmed", "dana", None),
]
TABLE = matrix_table([ROW, OTHER], LINKS)


def test_the_table_says_all_of_a_row_and_only_links_that_people_confirmed() -> None:
    row = dict(zip(COLUMNS, TABLE[0], strict=True))
    assert row["Row"] == "R-07"
    assert row["Requirement"] == f"Show— […] {EVIL[0]}"
    assert row["Answer"] == "See volume 2, page 3."
    assert (row["Status"], row["Linked rows"], row["Amendment"]) == ("Partly", "R-08", "Changed")
    proposed = [replace(LINKS[0], state="proposed")]
    assert (
        dict(zip(COLUMNS, matrix_table([ROW, OTHER], proposed)[0], strict=True))["Linked rows"]
        == ""
    )


@pytest.mark.parametrize("text", EVIL)
def test_what_looks_like_a_formula_stays_text(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Submit offers = 2 copies", "10 - 20 pages", "a@b.gov"])
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert neutral(text) == text


def test_csv_comes_back_with_nothing_to_run() -> None:
    rows = list(csv.reader(io.StringIO(to_csv("M", TABLE).decode("utf-8-sig"))))
    assert rows[0] == list(COLUMNS)
    assert len(rows) == 3
    cells = [cell for row in rows for cell in row]
    assert f"'{EVIL[1]}" in cells
    assert not [cell for cell in cells if neutral(cell) != cell]


def test_xlsx_comes_back_as_strings_and_without_links() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx("M", [*TABLE, EVIL * 2])))
    [sheet] = book.worksheets
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell for cell in cells if cell.hyperlink] == []
    assert {cell.value for cell in cells} >= {*EVIL, *COLUMNS}
    assert all(cell.quotePrefix for cell in cells if cell.value in EVIL)


def test_docx_comes_back_with_all_rows() -> None:
    document = docx.Document(io.BytesIO(to_docx("Matrix of a.pdf", TABLE)))
    assert document.paragraphs[0].text == "Matrix of a.pdf"
    [table] = document.tables
    texts = [[cell.text for cell in row.cells] for row in table.rows]
    assert texts[0][0] == "Row"
    assert [row[0] for row in texts[1:]] == ["R-07", "R-08"]
    assert texts[2][6] == "<b>bold</b> & “signs” ☐"


async def test_pdf_comes_back_with_all_rows_on_as_many_pages_as_it_takes() -> None:
    content = await to_pdf("Matrix of <a>.pdf", TABLE * 60)
    with pymupdf.open(stream=content, filetype="pdf") as document:  # type: ignore[no-untyped-call]
        text = "\n".join(page.get_text() for page in document)
        assert document.page_count > 2
    assert text.count("R-07") == 60
    assert "Matrix of <a>.pdf" in text
    assert "<b>bold</b> &" in text
