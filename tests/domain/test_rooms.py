"""A room is a permission: whoever lacks it hears nothing there."""

from uuid import UUID

import pytest

from domain.access import PUBLIC, Permission, Principal
from domain.errors import Forbidden, NotFound
from domain.feed import ROOMS, room_for

OURS = UUID(int=7)
OWN = {
    "user": "dana",
    "tenant": str(OURS),
    "opportunity": "n1",
    "document": "d1",
    "dashboard": "opportunities",
}


@pytest.mark.parametrize("kind", ROOMS)
def test_listening_needs_the_permission_of_its_kind(kind: str) -> None:
    name = f"{kind}:{OWN[kind]}"
    may = Principal(OURS, "dana", frozenset({ROOMS[kind]}))
    may_not = Principal(OURS, "dana", frozenset(Permission) - {ROOMS[kind]})
    assert room_for(may, name).tenant_id in {OURS, PUBLIC}
    with pytest.raises(Forbidden):
        room_for(may_not, name)


@pytest.mark.parametrize("name", ["user:sam", f"tenant:{UUID(int=8)}", f"tenant:{PUBLIC}"])
def test_nobody_listens_for_others(name: str) -> None:
    with pytest.raises(Forbidden):
        room_for(Principal(OURS, "dana", frozenset(Permission)), name)


@pytest.mark.parametrize("name", ["credential session:1", "secret:1", "user:", "user:a/b"])
def test_what_is_no_room_is_none(name: str) -> None:
    with pytest.raises(NotFound):
        room_for(Principal(OURS, "dana", frozenset(Permission)), name)
