"""Who may change what in a company: the rules alone."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from domain.access import PERMISSIONS, Principal, Role
from domain.company import (
    COMPANIES,
    ChangeProfile,
    ChangeRole,
    Command,
    Company,
    CompanyFounded,
    CompanyProfileChanged,
    Consent,
    Found,
    InvitationWithdrawn,
    Invite,
    Join,
    MemberInvited,
    MemberJoined,
    MemberRemoved,
    MemberRoleChanged,
    Remove,
    Withdraw,
)
from domain.consent import ConsentChanged, Purpose
from domain.errors import Forbidden, HubError, Invalid, NotFound
from domain.events import Event

OURS = UUID(int=7)
OWNER, ADMIN, EDITOR, STRANGER, OFFER = (UUID(int=n) for n in range(11, 16))
FOUNDED = CompanyFounded(founder=OWNER, profile_digest="d1")
NO_OFFER = UUID(int=16)
HISTORY: list[Event] = [
    FOUNDED,
    *(
        MemberJoined(person_id=person, role=role, invitation_id=uuid4())
        for person, role in ((ADMIN, Role.ADMIN), (EDITOR, Role.EDITOR))
    ),
    MemberInvited(invitation_id=OFFER, role=Role.VIEWER),
]


def by(person: UUID, role: Role) -> Principal:
    return Principal(OURS, str(person), PERMISSIONS[role])


owner, admin, editor = by(OWNER, Role.OWNER), by(ADMIN, Role.ADMIN), by(EDITOR, Role.EDITOR)


def decide(command: Command, history: Sequence[Event] = HISTORY) -> list[Event]:
    return list(COMPANIES.decide(command, COMPANIES.fold(history)))


CHANGED = CompanyProfileChanged(digest="d2", changed=("naics",), naics=("339112",))


@pytest.mark.parametrize(
    ("command", "events"),
    [
        (Invite(admin, OFFER, Role.EDITOR), [MemberInvited(invitation_id=OFFER, role=Role.EDITOR)]),
        (Invite(owner, OFFER, Role.OWNER), [MemberInvited(invitation_id=OFFER, role=Role.OWNER)]),
        (Withdraw(admin, OFFER), [InvitationWithdrawn(invitation_id=OFFER)]),
        (Withdraw(admin, STRANGER), []),
        (
            Join(STRANGER, OFFER),
            [MemberJoined(person_id=STRANGER, role=Role.VIEWER, invitation_id=OFFER)],
        ),
        (
            Join(STRANGER, NO_OFFER, Role.EDITOR),
            [MemberJoined(person_id=STRANGER, role=Role.EDITOR, invitation_id=NO_OFFER)],
        ),
        (
            ChangeRole(admin, EDITOR, Role.VIEWER),
            [MemberRoleChanged(person_id=EDITOR, role=Role.VIEWER)],
        ),
        (ChangeRole(admin, EDITOR, Role.EDITOR), []),
        (Remove(admin, EDITOR), [MemberRemoved(person_id=EDITOR)]),
        (Remove(editor, EDITOR), [MemberRemoved(person_id=EDITOR)]),
        (ChangeProfile(editor, CHANGED), [CHANGED]),
        (ChangeProfile(editor, CompanyProfileChanged(digest="d1", changed=())), []),
    ],
)
def test_what_comes_of_a_command(command: Command, events: list[Event]) -> None:
    assert decide(command) == events


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (Found(STRANGER, "d"), Invalid),
        (Invite(editor, OFFER, Role.VIEWER), Forbidden),
        (Invite(admin, OFFER, Role.OWNER), Forbidden),
        (Invite(owner, OFFER, Role.SERVICE), Forbidden),
        (Withdraw(editor, OFFER), Forbidden),
        (Join(STRANGER, STRANGER), NotFound),
        (Join(STRANGER, NO_OFFER, Role.ADMIN), NotFound),
        (Join(STRANGER, NO_OFFER, Role.OWNER), NotFound),
        (Join(EDITOR, NO_OFFER, Role.EDITOR), Invalid),
        (Join(EDITOR, OFFER), Invalid),
        (ChangeRole(admin, ADMIN, Role.OWNER), Forbidden),
        (ChangeRole(admin, OWNER, Role.VIEWER), Forbidden),
        (ChangeRole(owner, OWNER, Role.VIEWER), Invalid),
        (ChangeRole(owner, STRANGER, Role.VIEWER), NotFound),
        (Remove(admin, OWNER), Forbidden),
        (Remove(owner, OWNER), Invalid),
        (Remove(editor, ADMIN), Forbidden),
        (ChangeProfile(by(STRANGER, Role.VIEWER), CHANGED), Forbidden),
        (Consent(admin, Purpose.OCR, given=True), Forbidden),
    ],
)
def test_what_is_refused(command: Command, error: type[HubError]) -> None:
    with pytest.raises(error):
        decide(command)


def test_a_second_owner_lets_the_first_go() -> None:
    second: list[Event] = [*HISTORY, MemberRoleChanged(person_id=ADMIN, role=Role.OWNER)]
    assert decide(Remove(owner, OWNER), second) == [MemberRemoved(person_id=OWNER)]


def test_an_invitation_is_used_once() -> None:
    joined: list[Event] = [
        *HISTORY,
        MemberJoined(person_id=STRANGER, role=Role.VIEWER, invitation_id=OFFER),
        MemberRemoved(person_id=STRANGER),
    ]
    with pytest.raises(NotFound):
        decide(Join(STRANGER, OFFER), joined)


def test_consent_is_the_owners_to_one_provider_by_name_and_told_once() -> None:
    ask, withdraw = (Consent(owner, Purpose.OCR, given=given) for given in (True, False))
    [given] = decide(ask)
    told = {"purpose": Purpose.OCR, "provider": "Mistral", "given": True, "by": str(OWNER)}
    assert given == ConsentChanged.model_validate(told)
    assert decide(ask, [*HISTORY, given]) == []
    assert decide(withdraw) == []
    [withdrawn] = decide(withdraw, [*HISTORY, given])
    assert decide(withdraw, [*HISTORY, given, withdrawn]) == []
    elsewhere = ConsentChanged.model_validate(told | {"provider": "Somebody else"})
    assert decide(ask, [*HISTORY, elsewhere]) == [given]


def test_it_begins_with_its_founder() -> None:
    assert COMPANIES.fold([FOUNDED]) == Company({OWNER: Role.OWNER}, {}, "d1")
