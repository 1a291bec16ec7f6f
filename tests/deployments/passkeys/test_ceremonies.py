"""What is asked of an authenticator, and every way in which it may answer wrongly."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import encode_cbor

from deployments.ceremonies import ask_to_make, ask_to_prove, made, proved, shown_in
from domain.errors import Unauthenticated
from domain.passkey import LONGEST_CREDENTIAL_ID_BYTES, Passkey, RelyingParty
from domain.person import Person
from tests.authenticators import ORIGIN, PRESENT, VERIFIED, Device, read, spelled

PARTY = RelyingParty("localhost", ORIGIN)
DANA = Person(UUID(int=11), "dana@ortizmedical.example", "Dana", "hash", None, 0)
CHALLENGE = "a question of forty-three letters or the like"
FOREIGN = spelled(b"another question")
NOT_ON_THE_CURVE = encode_cbor({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(31) + b"\1"})
OF_AN_OLD_KIND = encode_cbor({1: 2, 3: -65_535, -1: 1, -2: bytes(32), -3: bytes(32)})
WITHOUT_A_KIND = encode_cbor({3: -7})

BOTH: list[tuple[dict[str, Any], str]] = [
    ({"origin": "http://localhost:8001"}, "another site"),
    ({"origin": "https://localhost"}, "another site"),
    ({"origin": "https://evil.example"}, "another site"),
    ({"rp_id": "evil.example"}, "another site"),
    ({"framed": True}, "another site"),
    ({"challenge": FOREIGN}, "another question"),
    ({"without": VERIFIED}, "PIN, finger or face"),
    ({"without": PRESENT}, "nobody touched"),
    ({"type": "webauthn.other"}, "could not be verified"),
]


def added(device: Device, *held: Passkey) -> Passkey:
    told = made(PARTY, device.make(ask_to_make(PARTY, DANA, held, CHALLENGE)), CHALLENGE)
    return Passkey(
        passkey_id=uuid4(),
        person_id=DANA.person_id,
        name="Laptop",
        credential_id=told.credential_id,
        public_key=told.public_key,
        sign_count=told.sign_count,
        transports=told.transports,
        added_at=datetime(2026, 4, 13, tzinfo=UTC),
    )


def prove(device: Device, passkey: Passkey, *, names_person: bool = True) -> int:
    held = [] if names_person else [passkey]
    told = device.prove(ask_to_prove(PARTY, held, CHALLENGE))
    assert shown_in(told)
    return proved(PARTY, told, CHALLENGE, passkey, names_person=names_person)


def test_a_passkey_that_was_made_proves_whose_it_is() -> None:
    device = Device()
    passkey = added(device)
    assert passkey.credential_id == device.credential_id
    assert passkey.transports == ("internal",), "what no browser knew yet is left out"
    assert prove(device, passkey) == 1
    assert prove(device, passkey, names_person=False) == 2
    device.lies["handle"] = None
    assert prove(device, passkey, names_person=False) == 3


def test_what_is_asked_names_the_person_by_no_address_that_is_signed() -> None:
    held = added(Device())
    asked = ask_to_make(PARTY, DANA, [held], CHALLENGE)
    assert asked["rp"] == {"name": "MedContractHub", "id": "localhost"}
    assert read(asked["user"]["id"]) == DANA.person_id.bytes
    assert read(asked["challenge"]) == CHALLENGE.encode()
    assert asked["attestation"] == "none"
    [excluded] = asked["excludeCredentials"]
    assert (read(excluded["id"]), excluded["transports"]) == (held.credential_id, ["internal"])
    assert ask_to_prove(PARTY, [], CHALLENGE)["allowCredentials"] == []
    [allowed] = ask_to_prove(PARTY, [held], CHALLENGE)["allowCredentials"]
    assert read(allowed["id"]) == held.credential_id


@pytest.mark.parametrize(
    ("lies", "words"),
    [
        *BOTH,
        ({"type": "webauthn.get"}, "could not be verified"),
        ({"cose": NOT_ON_THE_CURVE}, "could not be verified"),
        ({"cose": OF_AN_OLD_KIND}, "could not be verified"),
        ({"cose": WITHOUT_A_KIND}, "could not be verified"),
        ({"fmt": "fido-u2f", "statement": {"sig": b"s", "x5c": [b"c"]}}, "vouches"),
        ({"fmt": "packed", "statement": {"sig": b"s", "alg": -7, "x5c": [b"c"]}}, "vouches"),
        ({"fmt": "packed", "statement": {"sig": b"s", "alg": -7}}, "could not be verified"),
        ({"statement": {"sig": b"s"}}, "could not be verified"),
    ],
)
def test_what_was_not_made_for_this_is_not_kept(lies: dict[str, Any], words: str) -> None:
    with pytest.raises(Unauthenticated, match=words):
        added(Device(lies))


def test_an_id_longer_than_any_authenticators_is_not_kept() -> None:
    added(Device(credential_id=bytes(LONGEST_CREDENTIAL_ID_BYTES)))
    with pytest.raises(Unauthenticated, match="too long"):
        added(Device(credential_id=bytes(LONGEST_CREDENTIAL_ID_BYTES + 1)))


@pytest.mark.parametrize(
    ("lies", "words"),
    [
        *BOTH,
        ({"type": "webauthn.create"}, "could not be verified"),
        ({"key": ec.generate_private_key(ec.SECP256R1())}, "could not be verified"),
        ({"handle": UUID(int=12).bytes}, "another account"),
        ({"handle": None}, "another account"),
        ({"credential_id": b"another"}, "another account"),
    ],
)
def test_what_proves_nothing_is_refused(lies: dict[str, Any], words: str) -> None:
    device = Device()
    passkey = added(device)
    device.lies = lies
    with pytest.raises(Unauthenticated, match=words):
        prove(device, passkey)


def test_a_count_is_told_as_it_is_and_judged_where_it_is_kept() -> None:
    device = Device()
    passkey = added(device)
    device.lies = {"count": 0}
    assert prove(device, passkey) == 0


@pytest.mark.parametrize(
    "told",
    [
        *("", "null", "[]", "{}", "no JSON", "[" * 15_000),
        '{"id": "", "rawId": "", "type": "public-key", "response": {}}',
        '{"id": "a", "rawId": "a", "type": "public-key", "response": {"clientDataJSON": "a", '
        '"attestationObject": "a", "authenticatorData": "a", "signature": "a", "userHandle": "a"}}',
    ],
)
def test_what_is_no_answer_is_refused(told: str) -> None:
    passkey = added(Device())
    for check in (
        lambda: made(PARTY, told, CHALLENGE),
        lambda: proved(PARTY, told, CHALLENGE, passkey, names_person=False),
    ):
        with pytest.raises(Unauthenticated):
            check()


def test_no_broken_byte_is_more_than_refused() -> None:
    """Each byte of what authenticators wrote, one after the other."""
    device = Device()
    passkey = added(device)
    make = device.make(ask_to_make(PARTY, DANA, [], CHALLENGE))
    for told in _broken(make, "attestationObject"):
        made_or_refused(told)
    answer = device.prove(ask_to_prove(PARTY, [], CHALLENGE))
    for name in ("authenticatorData", "signature", "clientDataJSON", "userHandle"):
        for told in _broken(answer, name):
            with pytest.raises(Unauthenticated):
                proved(PARTY, told, CHALLENGE, passkey, names_person=True)


def made_or_refused(told: str) -> None:
    """A flag or a count may be another and mean nothing: nobody signed it."""
    try:
        made(PARTY, told, CHALLENGE)
    except Unauthenticated:
        return


def _broken(told: str, name: str) -> list[str]:
    answer = json.loads(told)
    whole = read(answer["response"][name])
    found = []
    for at in range(len(whole)):
        for byte in {whole[at] ^ 0x80, whole[at] ^ 0x01, 0xFF} - {whole[at]}:
            broken = whole[:at] + bytes([byte]) + whole[at + 1 :]
            found.append(
                json.dumps({**answer, "response": {**answer["response"], name: spelled(broken)}})
            )
        short = spelled(whole[:at])
        found.append(json.dumps({**answer, "response": {**answer["response"], name: short}}))
    return found
