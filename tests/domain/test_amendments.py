from domain.amendments import Compared, compare, word_diff
from domain.matrix import row_key


def row(quote: str, section: str = "C", page: int = 1) -> Compared:
    return Compared(row_key(quote), quote, section, page=page)


A = row("The contractor shall deliver the scanners within 30 days after award.")
B = row("The contractor shall train ten nurses at each hospital.")
C = row("Quotes shall be signed and dated.", "L")
D = row("The contractor shall provide a warranty of two years on all parts.")


def test_equal_documents_differ_in_nothing() -> None:
    found = compare([A, B, C], [A, B, C])
    assert (found.added, found.removed, found.changed, found.moved) == ((), (), (), ())
    assert found.same == 3


def test_white_space_signs_and_pages_are_no_change() -> None:
    again = row("The contractor shall  deliver the scanners within 30 days after award.", page=9)
    assert compare([A], [again]).same == 1


def test_a_new_deadline_is_a_change_and_not_one_added_and_one_removed() -> None:
    later = row("The contractor shall deliver the scanners within 45 days after award.")
    found = compare([A, B], [later, B])
    assert [(one.before, one.after) for one in found.changed] == [(A, later)]
    assert (found.added, found.removed, found.same) == ((), (), 1)


def test_what_has_little_in_common_is_added_and_removed() -> None:
    found = compare([A, B], [A, D])
    assert (found.added, found.removed, found.changed) == ((D,), (B,), ())


def test_each_old_row_is_paired_once_with_the_most_alike() -> None:
    near = row("The contractor shall deliver the scanners within 30 calendar days after award.")
    far = row("The contractor shall deliver the probes within 90 days after award.")
    found = compare([A], [far, near])
    assert [change.after for change in found.changed] == [near]
    assert found.added == (far,)


def test_an_insertion_moves_nothing_but_another_order_does() -> None:
    assert compare([A, B, C], [D, A, B, C]).moved == ()
    swapped = compare([A, B, D], [D, A, B])
    assert [change.after for change in swapped.moved] == [D]
    assert swapped.same == 2


def test_another_section_is_a_move() -> None:
    elsewhere = Compared(C.key, C.quote, "M")
    assert [change.after for change in compare([A, C], [A, elsewhere]).moved] == [elsewhere]


def test_many_rows_that_differ_in_a_word_are_paired_by_their_own() -> None:
    before = [row(f"The contractor shall deliver item {n:04} within 30 days.") for n in range(60)]
    after = [row(f"The contractor shall deliver item {n:04} within 45 days.") for n in range(60)]
    found = compare(before, after)
    assert len(found.changed) == 60
    assert all(one.before.quote[-30:-15] == one.after.quote[-30:-15] for one in found.changed)


def test_the_difference_is_told_word_by_word() -> None:
    pieces = word_diff("within 30 days of award", "within 45 days of the award")
    assert pieces == [
        ("same", "within"),
        ("removed", "30"),
        ("added", "45"),
        ("same", "days of"),
        ("added", "the"),
        ("same", "award"),
    ]
