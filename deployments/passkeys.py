"""Passkeys, as acts on what the hub keeps: adding one, signing in with one, giving one as a code.

Signing in with one counts for both factors, since the device has verified the person. The password,
with the second factor where it is on, remains a way in.
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

from cluster.stores.attempts import CODE, SIGN_IN
from cluster.stores.passkey_challenges import Challenge
from deployments.ceremonies import Options, ask_to_make, ask_to_prove, made, proved, shown_in
from deployments.identity import Identity
from deployments.signing_in import Visitor, awaiting, begin, let_in
from domain.clock import utc_now
from domain.errors import Invalid, Unauthenticated
from domain.mail import Mail
from domain.passkey import COPIED, Ceremony, Passkey, RelyingParty
from domain.person import Person
from domain.secrets import new_secret
from domain.session import Session

UNKNOWN = "this passkey is not known here, or was removed; sign in another way"


@dataclass(frozen=True, slots=True)
class Begun:
    """`secret` is for the browser's cookie, `options` for its authenticators."""

    secret: str
    options: Options


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser brings back: the credential as JSON, and what its cookie holds."""

    credential: str
    browser: str


async def begin_adding(identity: Identity, person: Person) -> Begun:
    """For who has just given the password. Raises `Invalid` where there can be no passkeys."""
    party, challenge = _party(identity), Challenge(Ceremony.ADD, new_secret(), person.person_id)
    held = await identity.passkeys.of(person.person_id)
    options = ask_to_make(party, person, held, challenge.value)
    return Begun(await identity.challenges.open(challenge), options)


async def add(identity: Identity, person_id: UUID, name: str, answer: Answer) -> Passkey:
    """Raises `Unauthenticated` for one that was not made for this, and `Invalid`."""
    challenge = await identity.challenges.take(answer.browser, Ceremony.ADD, person_id)
    told = made(_party(identity), answer.credential, challenge.value)
    passkey = Passkey(
        passkey_id=uuid4(),
        person_id=person_id,
        name=name,
        credential_id=told.credential_id,
        public_key=told.public_key,
        sign_count=told.sign_count,
        transports=told.transports,
        added_at=utc_now(),
    )
    await identity.passkeys.add(passkey)
    return passkey


async def tell_of_passkey(identity: Identity, passkey: Passkey, visitor: Visitor) -> None:
    """By mail: whoever knows the password can add one, and it outlives the password."""
    person = await identity.persons.by_id(passkey.person_id)
    if person:
        values = {
            "name": person.name,
            "passkey": passkey.name,
            "at": passkey.added_at.isoformat(timespec="seconds"),
            "browser": visitor.browser,
            "link": f"{identity.public_url}/account/passkeys",
        }
        await identity.mail.send(Mail("passkey_added", person.email, person.person_id, values))


async def begin_signing_in(identity: Identity) -> Begun:
    """It is for the device to say whose passkeys it has. Raises `Invalid`."""
    party, challenge = _party(identity), Challenge(Ceremony.SIGN_IN, new_secret(), None)
    options = ask_to_prove(party, [], challenge.value)
    return Begun(await identity.challenges.open(challenge), options)


async def sign_in_with(
    identity: Identity, answer: Answer, shown: Passkey | None, visitor: Visitor
) -> tuple[str, Session]:
    """`shown` is whose passkey it says it is; tries count against that person's, and of one that
    nobody has against the address. Raises `Unauthenticated`, `LimitExceeded`.
    """
    person = await identity.persons.by_id(shown.person_id) if shown else None
    whose = person.email if person else visitor.address
    await identity.attempts.count(SIGN_IN, whose)
    challenge = await identity.challenges.take(answer.browser, Ceremony.SIGN_IN, None)
    if shown is None or person is None:
        raise Unauthenticated(reason=UNKNOWN)
    await _prove(identity, answer, challenge, shown, names_person=True)
    await identity.attempts.clear(SIGN_IN, whose)
    return await begin(identity, person, visitor, is_remembered=False, has_both=True)


async def begin_second_factor(identity: Identity, token: str) -> Begun:
    """Raises `Unauthenticated`, and `Invalid`."""
    session, person = await awaiting(identity, token)
    challenge = Challenge(Ceremony.SECOND_FACTOR, new_secret(), person.person_id)
    held = await identity.passkeys.of(session.person_id)
    options = ask_to_prove(_party(identity), held, challenge.value)
    return Begun(await identity.challenges.open(challenge), options)


async def pass_passkey(
    identity: Identity, token: str, answer: Answer, shown: Passkey | None
) -> tuple[str, Session]:
    """The session under a new id. Raises `Unauthenticated`, `LimitExceeded`."""
    session, person = await awaiting(identity, token)
    whose = str(person.person_id)
    await identity.attempts.count(CODE, whose)
    taken = identity.challenges.take(answer.browser, Ceremony.SECOND_FACTOR, person.person_id)
    challenge = await taken
    if shown is None or shown.person_id != person.person_id:
        raise Unauthenticated(reason=UNKNOWN)
    await _prove(identity, answer, challenge, shown, names_person=False)
    await identity.attempts.clear(CODE, whose)
    return await let_in(identity, token, session)


async def shown_by(identity: Identity, answer: Answer) -> Passkey | None:
    """Whose passkey an answer says it is. That is not proved."""
    try:
        credential_id = shown_in(answer.credential)
    except Unauthenticated:
        return None
    return await identity.passkeys.shown(credential_id)


async def may_pass(identity: Identity, token: str | None) -> bool:
    """Whether someone waits there who can give a passkey as the second factor."""
    if token is None or identity.relying_party is None:
        return False
    try:
        session, _ = await awaiting(identity, token)
    except Unauthenticated:
        return False
    return bool(await identity.passkeys.of(session.person_id))


async def _prove(
    identity: Identity, answer: Answer, challenge: Challenge, shown: Passkey, *, names_person: bool
) -> None:
    party, told = _party(identity), answer.credential
    count = proved(party, told, challenge.value, shown, names_person=names_person)
    if not await identity.passkeys.use(shown, count):
        raise Unauthenticated(reason=COPIED)


def _party(identity: Identity) -> RelyingParty:
    if identity.relying_party is None:
        reason = "this hub is not known by a name that browsers make passkeys for"
        raise Invalid(what="a passkey", reason=reason)
    return identity.relying_party
