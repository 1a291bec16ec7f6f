"""People who add passkeys and show them, as the pages' script does it."""

from dataclasses import dataclass
from typing import Any

from httpx import AsyncClient, Response

from cluster.stores.audit import MemoryAudit
from domain.person import Person
from tests.authenticators import Device
from tests.identity import PASSWORD, People

DANA, SAM = "dana@ortizmedical.example", "sam@other.example"
API = {"accept": "application/json"}
ADD, SIGN_IN, CODE = "/account/passkeys", "/sign-in/passkey", "/sign-in/code/passkey"


async def begin(client: AsyncClient, path: str, password: str = PASSWORD) -> Any:
    """What the authenticator is asked. The cookie is the client's now."""
    told = {"current_password": password} if path == ADD else {"credential": ""}
    answer = await client.post(f"{path}/begin", data=told, headers=API)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def add(client: AsyncClient, device: Device, name: str = "Laptop") -> Response:
    return await finish(client, ADD, device.make(await begin(client, ADD)), name=name)


async def show(client: AsyncClient, path: str, device: Device) -> Response:
    return await finish(client, path, device.prove(await begin(client, path)))


async def finish(client: AsyncClient, path: str, credential: str, **more: str) -> Response:
    return await client.post(path, data={"credential": credential, **more})


async def give_password(client: AsyncClient, email: str = DANA) -> Response:
    return await client.post("/sign-in", data={"email": email, "password": PASSWORD})


async def status(client: AsyncClient) -> int:
    return (await client.get("/api/v1/opportunities", headers=API)).status_code


async def person_of(hub: People, email: str = DANA) -> Person:
    person = await hub.identity.persons.by_email(email)
    assert person
    return person


async def switch_code_on(hub: People, email: str = DANA) -> None:
    """Of a second factor whose app is not at hand here."""
    persons, person_id = hub.identity.persons, (await person_of(hub, email)).person_id
    await persons.offer_totp(person_id, "A" * 32)
    await persons.confirm_totp(person_id, "A" * 32, 1, ["abc"])


@dataclass(frozen=True)
class Refusals:
    """What the audit log has to say of what failed: who, and what."""

    audit: MemoryAudit

    def told(self) -> list[tuple[str, str]]:
        acts = self.audit.acts
        return [(act.actor, act.action) for act in acts if act.action.startswith("failed: ")]
