"""Word documents that people worked on: moved text, notes, headers and footers, comments."""

from pathlib import Path

from cluster.engines.reading.reader import read_pages
from domain.pages import Comment, Page
from tests.engines.test_reading import W, docx, paragraph


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def read(path: Path, body: str, **parts: str) -> Page:
    (page,) = read_pages(docx(path / "a.docx", body, **parts))
    return page


def texts(page: Page) -> list[str]:
    return [line.text for line in page.lines]


def test_a_paragraph_that_was_moved_stands_where_it_went_alone(tmp_path: Path) -> None:
    gone = (
        '<w:moveFromRangeStart w:id="0" w:name="move1"/><w:p><w:pPr><w:rPr><w:moveFrom/></w:rPr>'
        f"</w:pPr><w:moveFrom>{run('Ship in two days.')}</w:moveFrom></w:p>"
        '<w:moveFromRangeEnd w:id="0"/>'
    )
    come = (
        '<w:moveToRangeStart w:id="1" w:name="move1"/><w:p><w:pPr><w:rPr><w:moveTo/></w:rPr>'
        f"</w:pPr><w:moveTo>{run('Ship in two days.')}</w:moveTo></w:p>"
        '<w:moveToRangeEnd w:id="1"/>'
    )
    page = read(tmp_path, gone + paragraph("Invoice monthly.") + come)
    assert texts(page) == ["Invoice monthly.", "Ship in two days."]


def test_words_moved_within_a_sentence_are_read_once(tmp_path: Path) -> None:
    body = (
        f"<w:p>{run('Ship ')}<w:moveTo>{run('gloves ')}</w:moveTo>{run('promptly')}"
        f"<w:moveFrom>{run(' gloves')}</w:moveFrom></w:p>"
    )
    assert texts(read(tmp_path, body)) == ["Ship gloves promptly"]


def test_what_moved_away_has_no_say_in_whether_a_line_is_bold(tmp_path: Path) -> None:
    body = f"<w:p>{run('Scope', '<w:b/>')}<w:moveFrom>{run(' of work')}</w:moveFrom></w:p>"
    [line] = read(tmp_path, body).lines
    assert (line.text, line.bold) == ("Scope", True)


def test_endnotes_and_footnotes_follow_the_text_without_their_separators(tmp_path: Path) -> None:
    def notes(kind: str, text: str) -> str:
        rule = f'<w:{kind} w:type="separator" w:id="-1">{paragraph("----")}</w:{kind}>'
        note = f'<w:{kind} w:id="1">{paragraph(text)}</w:{kind}>'
        return f"<w:{kind}s {W}>{rule}{note}</w:{kind}s>"

    page = read(
        tmp_path,
        paragraph("The contractor shall deliver."),
        footnotes=notes("footnote", "Within 30 days."),
        endnotes=notes("endnote", "Business days."),
    )
    assert texts(page)[0] == "The contractor shall deliver."
    assert sorted(texts(page)[1:]) == ["Business days.", "Within 30 days."]


def test_headers_and_footers_stand_apart_with_what_was_moved_in_them(tmp_path: Path) -> None:
    moved = f"<w:p><w:moveFrom>{run('Draft')}</w:moveFrom>{run('RFQ 7')}</w:p>"
    page = read(
        tmp_path,
        paragraph("Text"),
        header1=f"<w:hdr {W}>{moved}</w:hdr>",
        footer1=f"<w:ftr {W}>{paragraph('Page 1')}</w:ftr>",
    )
    assert texts(page) == ["Text"]
    assert sorted(line.text for line in page.running) == ["Page 1", "RFQ 7"]


def test_comments_stand_beside_the_text_with_what_they_are_about(tmp_path: Path) -> None:
    body = (
        f"<w:p>{run('Pay in ')}<w:commentRangeStart w:id='4'/>{run('30 days')}"
        f"<w:del>{run('60 days')}</w:del><w:commentRangeEnd w:id='4'/>"
        "<w:r><w:commentReference w:id='4'/></w:r></w:p>"
    )
    remark = f"<w:comment w:id='4' w:author='R. Officer'>{paragraph('The offeror shall agree.')}"
    page = read(tmp_path, body, comments=f"<w:comments {W}>{remark}</w:comment></w:comments>")
    assert texts(page) == ["Pay in 30 days"]
    assert page.comments == (Comment("The offeror shall agree.", "R. Officer", "30 days"),)
