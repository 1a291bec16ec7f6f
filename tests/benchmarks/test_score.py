import json
import zipfile
from pathlib import Path

import pymupdf
import pytest

from benchmarks.requirements.facts_score import (
    KeyFacts,
    LineItem,
    Tally,
    score_facts,
    score_line_items,
)
from benchmarks.requirements.page_text import PageText, fold, read_pages, without_running_lines
from benchmarks.requirements.score import (
    GOLD,
    Row,
    labelled_documents,
    main,
    match,
    place_all,
    read_rows,
    same_deadline,
    score_document,
    score_rows,
)

PAGES = (
    "The contractor shall deliver within\nten days.\nThe schedule is binding.\n• Schedule\n",
    "Offers shall show — “price”.\nThe Government will evaluate price.\n",
    "Any late offer will not be considered.\nOffers may be faxed.\n",
)
DELIVER = Row(page=1, quote="The contractor shall deliver within ten days.", type="delivery")
SHOW = Row(page=2, quote='Offers shall show - "price".', type="pricing", actor="offeror")
LATE = Row(page=3, quote="Any late offer will not be considered.", type="submission")
FAX = Row(page=3, quote="Offers may be faxed.", optional=True)


@pytest.fixture
def text() -> PageText:
    return PageText(PAGES)


def of(row: Row, **changes: object) -> Row:
    return row.model_copy(update=changes)


def placed(text: PageText, quote: str, page: int) -> str | None:
    place = text.place(quote, page)
    return fold("".join(PAGES))[slice(*place.span)] if place else None


def test_whitespace_is_removed_and_quotes_dashes_and_letters_are_unified() -> None:
    assert fold("“Within”\n ten—DAYS\u2019\u00ad") == '"within"ten-days\''


def test_a_line_on_half_of_the_pages_is_no_text_whatever_its_number() -> None:
    pages = [f"36C2\nPage {number} of 3\nBody {name}." for number, name in enumerate("abc", 1)]
    assert without_running_lines(pages) == ["Body a.", "Body b.", "Body c."]


@pytest.mark.parametrize(("page", "found"), [(1, True), (2, True), (3, False), (9, False)])
def test_a_quote_is_found_on_its_page_or_the_next_to_it(
    text: PageText, page: int, found: bool
) -> None:
    assert (text.place(DELIVER.quote, page) is not None) == found


def test_a_short_item_is_placed_where_it_fills_its_line(text: PageText) -> None:
    place = text.place("Schedule", 1)
    assert place is not None
    assert place.span[0] == fold(PAGES[0]).rindex("schedule")


def test_rows_with_the_same_words_get_different_places() -> None:
    first, second = place_all([Row(page=1, quote="Brand;")] * 2, PageText(["Brand;\nBrand;"]))
    assert first == (0, 6)
    assert second == (6, 12)


def test_a_quote_read_with_mistakes_is_placed_by_its_words(text: PageText) -> None:
    place = text.place("The c0ntractor shall deliver within tcn days.", 1)
    assert place is not None
    assert not place.exact
    assert placed(text, "The c0ntractor shall deliver within tcn days.", 1) == (
        "thecontractorshalldeliverwithintendays."
    )


def test_words_far_away_do_not_stretch_an_aligned_quote() -> None:
    words = PageText(["Title. " + "and so on " * 20 + "the seller shall pack every crate twice"])
    place = words.place("Title the seller shall pack all crate twice", 1)
    assert place is not None
    assert place.span[0] > 100


def test_a_quote_of_other_words_has_no_place(text: PageText) -> None:
    assert text.place("Sellers must guarantee everything forever.", 1) is None


def test_the_best_pair_is_matched_first_and_each_side_once() -> None:
    gold = [(0, 100), (100, 200)]
    assert match(gold, [(0, 140), (0, 100), None, (140, 200)]) == [(0, 1), (1, 3)]


def test_less_than_half_in_common_is_no_match() -> None:
    assert match([(0, 100)], [(0, 50)]) == [(0, 0)]
    assert match([(0, 100)], [(0, 49)]) == []


def test_the_gold_scores_full_marks_against_itself(text: PageText) -> None:
    gold = [DELIVER, SHOW, LATE, FAX]
    score = score_rows(gold, gold, text)
    assert score.rows == Tally(right=3)
    assert set(score.fields.values()) == {3}


def test_nothing_found_misses_all_that_counts(text: PageText) -> None:
    score = score_rows([DELIVER, FAX], [], text)
    assert score.rows == Tally(missing=1)
    assert score.missed == (DELIVER,)
    assert score.rows.f1 == 0.0


def test_a_prediction_on_an_optional_row_counts_neither_way(text: PageText) -> None:
    assert score_rows([FAX], [of(FAX, optional=False)], text).rows == Tally()


@pytest.mark.parametrize(
    "quote",
    ["The schedule is binding.", "Sellers must guarantee everything forever."],
    ids=["elsewhere", "nowhere"],
)
def test_a_prediction_on_nothing_is_wrong(text: PageText, quote: str) -> None:
    score = score_rows([DELIVER, FAX], [DELIVER, Row(page=1, quote=quote)], text)
    assert score.rows == Tally(right=1, extra=1)


def test_the_same_row_twice_is_once_wrong(text: PageText) -> None:
    assert score_rows([SHOW], [SHOW, SHOW], text).rows == Tally(right=1, extra=1)


@pytest.mark.parametrize(("type_", "extra"), [("evaluation", 1), ("pricing", 0)])
def test_only_evaluation_rows_of_the_government_are_looked_at(
    text: PageText, type_: str, extra: int
) -> None:
    quote = "The Government will evaluate price."
    found = Row(page=2, quote=quote, actor="government", type=type_)
    assert score_rows([], [found], text).rows == Tally(extra=extra)


def test_fields_are_compared_on_matched_rows(text: PageText) -> None:
    found = [of(SHOW, type="technical"), of(LATE, actor="offeror")]
    fields = score_rows([SHOW, LATE], found, text).fields
    assert fields == {"type": 1, "section": 2, "actor": 1, "modality": 2}


@pytest.mark.parametrize(
    ("printed", "found", "same"),
    [
        ("within ten days", "Within  ten days", True),
        ("within ten days", "deliver within ten days of award", True),
        ("not later than 1:30 PM EST on 4/1/2026", "1:30 PM EST on 4/1/2026", True),
        ("within ten days", "monthly", False),
        ("within ten days", None, False),
    ],
)
def test_a_deadline_is_found_if_most_of_its_words_are(
    printed: str, found: str | None, same: bool
) -> None:
    assert same_deadline(printed, found) == same


def test_printed_deadlines_are_counted_on_matched_rows(text: PageText) -> None:
    gold = [of(DELIVER, due="within ten days"), SHOW, of(LATE, due="never")]
    found = [of(DELIVER, due="ten days"), of(SHOW, due="now"), LATE]
    assert score_rows(gold, found, text).deadlines == Tally(right=1, missing=1)


def test_a_gold_quote_that_is_not_in_the_text_is_an_error(text: PageText) -> None:
    with pytest.raises(ValueError, match="not in the text: g1"):
        score_rows([Row(id="g1", page=1, quote="Sellers must guarantee everything.")], [], text)


def test_each_fact_is_right_missing_or_extra() -> None:
    gold = KeyFacts.model_validate(
        {
            "solicitation_number": "36C2",
            "response_deadline": {"date": "2026-04-01", "time": "13:30", "zone": "EST"},
            "contacts": [{"email": "A@va.gov", "phone": "334-727-0550"}],
            "evaluation_factors": [{"name": "Price", "weight": "40"}],
        }
    )
    found = KeyFacts.model_validate(
        {
            "solicitation_number": "36C2",
            "naics": "333120",
            "response_deadline": {"date": "2026-04-01", "time": "14:30", "zone": "Eastern Time"},
            "contacts": [{"email": "a@VA.gov", "phone": "334.727.0550"}],
            "evaluation_factors": [{"name": "Price"}],
        }
    )
    assert score_facts(gold, found) == Tally(right=6, extra=2, missing=2)


def test_no_facts_where_there_are_none_is_right() -> None:
    assert score_facts(KeyFacts(), KeyFacts()).f1 == 1.0


def test_line_items_are_compared_cell_by_cell() -> None:
    gold = [
        LineItem(number="0001", description="New compact tractor", quantity=1, unit="EA"),
        LineItem(number="0002", description="Backhoe"),
    ]
    found = [
        LineItem(number="1", description="new tractor", quantity=2, unit="ea"),
        LineItem(number="0003", description="Plough"),
    ]
    assert score_line_items(gold, found) == Tally(right=3, extra=3, missing=3)


def test_a_docx_is_one_page_with_its_paragraphs_in_order(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    name = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = "<w:p><w:r><w:t>pre</w:t><w:noBreakHyphen/><w:t>pay</w:t></w:r></w:p><w:p/>"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("word/document.xml", f"<w:document {name}>{body}</w:document>")
    assert read_pages(path) == ["pre-pay\n"]


def test_a_document_is_scored_from_its_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write_pdf(tmp_path / "a.pdf", PAGES)
    labelled = {"a": {"document": "a.pdf", "first": 1, "last": 2}}
    (tmp_path / "labelled_pages.json").write_text(json.dumps(labelled))
    _write_rows(tmp_path / "a.jsonl", [DELIVER, SHOW, LATE])
    predictions = tmp_path / "predictions"
    predictions.mkdir()
    _write_rows(predictions / "a.jsonl", [SHOW, LATE])
    score = score_document("a", tmp_path, predictions, tmp_path)
    assert score.rows == Tally(right=1, missing=1)
    folder = str(tmp_path)
    main([str(predictions), "--documents", folder, "--gold", folder, "--errors"])
    assert "| all | 1 of 2, 0 wrong | 1.000 | 0.500 |" in capsys.readouterr().out


@pytest.mark.parametrize("name", labelled_documents(GOLD))
def test_the_gold_keeps_to_the_words_of_the_guideline(name: str) -> None:
    rows = read_rows(GOLD / f"{name}.jsonl")
    about = labelled_documents(GOLD)[name]
    assert len({row.id for row in rows}) == len(rows)
    assert [row.page for row in rows] == sorted(row.page for row in rows)
    assert {row.page for row in rows} <= set(range(about.first, about.last + 1))
    assert {row.actor for row in rows} <= {"offeror", "contractor", "government"}
    assert {row.section for row in rows} <= set("ABCDEFGHIJKLM")
    for row in rows:
        assert (row.actor == "government") == (row.type == "evaluation"), row.id
        assert row.type != "evaluation" or row.modality == "states", row.id
    KeyFacts.model_validate_json((GOLD / f"{name}.facts.json").read_bytes())


def _write_pdf(path: Path, pages: tuple[str, ...]) -> None:
    document = pymupdf.open()  # type: ignore[no-untyped-call]
    for page in pages:
        document.new_page().insert_text((72, 72), page.translate({0x2014: "-", 0x2022: "*"}))
    document.save(path)  # type: ignore[no-untyped-call]


def _write_rows(path: Path, rows: list[Row]) -> None:
    path.write_text("\n".join(row.model_dump_json() for row in rows))
