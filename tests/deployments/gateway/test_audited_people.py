"""What people do through pages is in the audit log, with no secret of any link."""

import pytest

from cluster.settings import PostgresSettings, Settings
from cluster.stores.audit import MemoryAudit
from tests.app import Hub
from tests.identity import PASSWORD, people

pytestmark = pytest.mark.stores
DANA, SAM = "dana@ortizmedical.example", "sam@nair.example"


async def test_signing_in_and_acts_are_told_and_links_are_not(
    database: PostgresSettings, embedded_stores: Settings
) -> None:
    audit = MemoryAudit()
    async with people(database, embedded_stores, Hub(audit=audit)) as hub:
        async with hub.browser() as dana:
            await hub.sign_up(dana, DANA)
            person = await hub.identity.persons.by_email(DANA)
            assert person
            assert [act.action for act in audit.acts] == ["sign in"]
            assert audit.acts[0].actor == str(person.person_id)
            wrong = {"email": DANA, "password": "not the password"}
            await dana.post("/sign-in", data=wrong)
            assert len(audit.acts) == 1
            await dana.post("/company/invitations", data={"email": SAM, "role": "editor"})
        link = hub.post.link("invitation", SAM)
        async with hub.browser() as sam:
            await sam.post(f"{link}/new", data={"name": "Sam", "password": PASSWORD})
    actions = [act.action for act in audit.acts]
    assert actions == ["sign in", "POST /company/invitations", "sign in"]
    told = "".join(f"{act.subject}{act.details}" for act in audit.acts)
    assert link.rpartition("/")[2] not in told
    assert SAM not in told
