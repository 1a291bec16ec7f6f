"""What people do through pages is in the audit log, with no secret of any link."""

import pytest

from cluster.settings import PostgresSettings, Settings
from cluster.stores.audit import MemoryAudit
from domain.audit import OPERATORS
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
            await dana.post("/sign-in", data={**wrong, "email": "nobody@ortizmedical.example"})
            failed, unknown = audit.acts[1:]
            assert (failed.action, failed.actor) == ("failed: sign in", str(person.person_id))
            assert failed.tenant_id == audit.acts[0].tenant_id
            assert (unknown.action, unknown.actor) == ("failed: sign in", "stranger")
            assert unknown.tenant_id == OPERATORS
            await dana.post("/company/invitations", data={"email": SAM, "role": "editor"})
            await dana.post("/sign-out")
        link = hub.post.link("invitation", SAM)
        async with hub.browser() as sam:
            await sam.post(f"{link}/new", data={"name": "Sam", "password": PASSWORD})
            await sam.get("/company/keys")
            await sam.get("/company/audit")
    assert [act.action for act in audit.acts[3:]] == [
        *("POST /company/invitations", "sign out", "sign in"),
        *("refused: GET /company/keys", "refused: GET /company/audit"),
    ]
    told = "".join(f"{act.subject}{act.details}" for act in audit.acts)
    assert link.rpartition("/")[2] not in told
    assert SAM not in told
