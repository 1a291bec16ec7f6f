from domain.chunking import CHUNK_CHARS
from domain.document_chunks import document_chunks, document_text
from domain.pages import Line, Page
from tests.solicitations import FIRST, page_of

LONG = [
    "SECTION C - STATEMENT OF WORK",
    *(
        f"The Contractor shall deliver item {n:03} to the warehouse of the hospital."
        for n in range(40)
    ),
]


def test_no_chunk_reaches_over_a_heading_and_each_names_its_own() -> None:
    chunks = document_chunks([page_of(FIRST)])
    assert [chunk.heading for chunk in chunks] == [
        "SECTION C - STATEMENT OF WORK",
        "SECTION L - INSTRUCTIONS TO OFFERORS",
        "SECTION M - EVALUATION FACTORS",
    ]
    assert chunks[0].embedded.startswith("SECTION C - STATEMENT OF WORK\nThe Contractor")
    assert chunks[0].text == "\n".join(FIRST[1:3])


def test_the_span_of_a_chunk_holds_its_text_in_the_text_of_the_document() -> None:
    pages = [page_of(FIRST, 1), page_of(LONG, 2)]
    text = document_text(pages)
    for chunk in document_chunks(pages):
        assert text[chunk.start : chunk.end] == chunk.text


def test_long_parts_are_cut_into_chunks_that_a_model_reads_whole() -> None:
    chunks = document_chunks([page_of(LONG)])
    assert len(chunks) > 3
    assert all(len(chunk.embedded) <= CHUNK_CHARS + 1 for chunk in chunks)
    assert all(line in " ".join(chunk.text for chunk in chunks) for line in LONG[1:])


def test_a_chunk_has_a_box_for_each_line_on_its_pages() -> None:
    first, *_ = document_chunks([page_of(FIRST)])
    [place] = first.places
    assert place.page == 1
    assert [box.top for box in place.boxes] == [130, 160]


def test_a_paragraph_over_two_pages_is_in_one_chunk_with_both_places() -> None:
    one = Page(1, (Line("The contractor shall deliver all of the scanners that were ordered to"),))
    two = Page(2, (Line("the warehouse of the hospital.", opens=False),))
    [chunk] = document_chunks([one, two])
    assert [place.page for place in chunk.places] == [1, 2]


def test_a_document_without_text_has_no_chunks() -> None:
    assert document_chunks([Page(1, ())]) == []
