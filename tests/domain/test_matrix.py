from functools import reduce
from uuid import UUID

import pytest

from domain.errors import Invalid, NotFound, VersionConflict
from domain.matrix import (
    MATRIX,
    AmendMatrix,
    DecideLink,
    EditRows,
    Matrix,
    MatrixCommand,
    StartMatrix,
    row_key,
)
from domain.matrix_events import Field, MatrixAmended, MatrixEvent, MatrixRowsEdited

M, D1, D2 = (UUID(int=number) for number in (1, 2, 3))
START = StartMatrix(M, D1, ("a", "b", "c"))


def edit(*rows: str, seen: int | None = None, **changes: str | None) -> EditRows:
    return EditRows(M, rows, changes, "dana", seen)  # type: ignore[arg-type]


def run(*commands: MatrixCommand) -> tuple[Matrix, list[MatrixEvent]]:
    """The state after these commands, and what the last of them caused."""
    state, events = Matrix(), list[MatrixEvent]()
    for command in commands:
        events = list(MATRIX.decide(command, state))
        state = reduce(MATRIX.evolve, events, state)
    return state, events


def test_rows_are_open_and_nobodys_at_first() -> None:
    state, _ = run(START)
    assert list(state.rows) == ["a", "b", "c"]
    assert {(row.status, row.assignee) for row in state.rows.values()} == {("open", None)}


def test_starting_again_changes_nothing() -> None:
    _, events = run(START, START)
    assert events == []


def test_one_change_of_many_rows_is_one_event_of_those_that_differ() -> None:
    _, events = run(START, edit("a", assignee="sam"), edit("a", "b", "a", assignee="sam"))
    assert events == [
        MatrixRowsEdited(matrix_id=M, rows=("b",), changes={"assignee": "sam"}, by="dana")
    ]


def test_an_edit_that_repeats_itself_is_silent() -> None:
    _, events = run(START, edit("a", status="partly"), edit("a", status="partly"))
    assert events == []


def test_someone_elses_change_since_is_not_overwritten() -> None:
    with pytest.raises(VersionConflict):
        run(START, edit("a", status="partly", seen=1), edit("a", status="answered", seen=1))


def test_someone_elses_change_of_another_row_does_no_harm() -> None:
    state, _ = run(START, edit("b", status="partly"), edit("a", status="answered", seen=1))
    assert state.rows["a"].status == "answered"


@pytest.mark.parametrize("changes", [{}, {"status": "done"}, {"touched": "moved"}])
def test_what_makes_no_sense_is_refused(changes: dict[Field, str | None]) -> None:
    with pytest.raises(Invalid):
        run(START, EditRows(M, ("a",), changes, "dana"))


@pytest.mark.parametrize(
    "command", [edit("x", status="open"), DecideLink(M, "a", "x", "confirmed", "dana")]
)
def test_an_unknown_row_is_not_found(command: MatrixCommand) -> None:
    with pytest.raises(NotFound):
        run(START, command)


def test_nothing_happens_to_a_matrix_that_was_not_started() -> None:
    with pytest.raises(NotFound):
        run(edit("a", status="open"))


def test_a_verdict_on_a_link_replaces_the_one_before() -> None:
    yes, no = (DecideLink(M, "a", "b", verdict, "dana") for verdict in ("confirmed", "rejected"))
    state, _ = run(START, yes, no)
    assert state.links == {("a", "b"): "rejected"}
    assert run(START, yes, yes)[1] == []


def test_an_amendment_keeps_what_people_said_of_a_row_and_says_what_it_touched() -> None:
    command = AmendMatrix(M, D2, ("c", "a2", "n"), {"a": "a2"}, frozenset({"c"}))
    state, events = run(
        START,
        edit("a", assignee="sam", status="answered"),
        edit("b", assignee="priya"),
        DecideLink(M, "a", "c", "confirmed", "dana"),
        command,
    )
    [event] = events
    assert isinstance(event, MatrixAmended)
    assert (event.added, event.removed, event.moved) == (("n",), ("b",), ("c",))
    assert event.owners == ("priya", "sam")
    assert [(key, row.touched) for key, row in state.rows.items()] == [
        ("c", "moved"),
        ("a2", "changed"),
        ("n", "added"),
        ("b", "removed"),
    ]
    assert (state.rows["a2"].assignee, state.rows["a2"].status) == ("sam", "answered")
    assert state.links == {("a2", "c"): "confirmed"}
    assert run(START, command, command)[1] == []


def test_a_change_that_was_looked_at_is_no_longer_marked() -> None:
    state, _ = run(START, AmendMatrix(M, D2, ("a", "c"), {}), edit("b", touched=None))
    assert state.rows["b"].touched is None


def test_the_key_of_a_row_is_of_its_words_alone() -> None:
    assert row_key("Shall  be “signed”.") == row_key('shall be "signed".')
    assert row_key("Shall be signed.") != row_key("Shall not be signed.")
