"""Real pages, scanned: what of their words is found."""

from typing import Any

import pymupdf
import pytest

from benchmarks.reading.scans import overlap
from cluster.engines.reading.ocr import read_scan
from cluster.engines.reading.pdf import read_page
from cluster.engines.reading.scans import needs_recognition
from tests.shared_data import shared


@pytest.mark.parametrize(
    ("page", "truth", "least"), [(2, "va247_p03", 0.95), (4, "va247_p06", 0.90)]
)
def test_words_of_a_scan_are_found_straight_or_skewed(page: int, truth: str, least: float) -> None:
    document: Any = pymupdf.open(shared("ocr/va247_scan.pdf"))  # type: ignore[no-untyped-call]
    sheet = document[page]
    assert needs_recognition(sheet, read_page(sheet))
    read = read_scan(sheet)
    recall, _ = overlap(shared(f"ocr/{truth}.truth.txt").read_text(), read.text)
    assert recall >= least
    boxes = [word.box for line in read.lines for word in line.words]
    assert all(0 <= box.left <= box.right <= read.width for box in boxes)
    assert all(0 <= box.top <= box.bottom <= read.height for box in boxes)


def test_no_page_of_a_digital_document_is_taken_for_a_scan() -> None:
    path = shared("documents/NHTSA_693JJ926RQ000286_draft_SOW.pdf")
    document: Any = pymupdf.open(path)  # type: ignore[no-untyped-call]
    assert [page.number for page in document if needs_recognition(page, read_page(page))] == []
