"""Signing up and in, as acts on what the hub keeps. Nothing told here says who has an account."""

from dataclasses import dataclass, replace
from time import time
from uuid import UUID, uuid4

from cluster.stores.attempts import CODE, MAILS, SIGN_IN
from cluster.stores.persons import RESET_MINUTES, SIGN_UP_HOURS, SigningUp
from deployments.identity import Identity
from domain.clock import utc_now
from domain.company import COMPANIES, Found, company_stream
from domain.decider import execute
from domain.errors import Invalid, Unauthenticated
from domain.events import Cause
from domain.mail import Mail
from domain.person import Person, check_password
from domain.profile import CompanyProfile
from domain.secrets import as_recovery_code
from domain.session import CODE_WITHIN, HOLDS_FOR, HOLDS_FOR_REMEMBERED, Session
from domain.totp import DIGITS, step_of

WRONG = "Email and password don’t match. Try again, or reset the password."  # noqa: RUF001
LINK_OVER = "this link was used or is too old"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whose browser it is, for the list of sessions."""

    browser: str
    address: str


async def sign_up(identity: Identity, name: str, email: str, password: str, company: str) -> None:
    """Mails a link either way: to confirm the address, or, to who has an account, to get in.

    Raises `Invalid` for the password, `LimitExceeded`, `Unavailable`.
    """
    check_password(password, name, email, company)
    await identity.attempts.count(MAILS, email)
    password_hash = await identity.passwords.hash(password)
    known = await identity.persons.by_email(email)
    if known:
        await mail_reset(identity, known)
        return
    secret = await identity.persons.sign_up(SigningUp(email, name, password_hash, company))
    link = f"{identity.public_url}/verify/{secret}"
    values = {"name": name, "link": link, "hours": str(SIGN_UP_HOURS)}
    await identity.mail.send(Mail("verify_address", email, uuid4(), values))


async def verify(identity: Identity, secret: str, password: str, cause: Cause) -> Person:
    """The password shows that it is who signed up, and not who was signed up by another.

    Raises `Unauthenticated`, and `Invalid` if the address got an account meanwhile.
    """
    told = await identity.persons.signed_up(secret)
    if told is None:
        raise Unauthenticated(reason=LINK_OVER)
    await identity.attempts.count(SIGN_IN, told.email)
    if not await identity.passwords.is_right(password, told.password_hash):
        raise Unauthenticated(reason="this is not the password that you chose")
    person = await identity.persons.add(told)
    await found_company(identity, person.person_id, told.company, cause)
    return person


async def found_company(identity: Identity, founder: UUID, name: str, cause: Cause) -> UUID:
    """Returns its tenant."""
    tenant_id = uuid4()
    digest = await identity.companies.keep(tenant_id, CompanyProfile(name=name))
    by = replace(cause, user_id=str(founder))
    await execute(
        identity.events, COMPANIES, company_stream(tenant_id), Found(founder, digest), cause=by
    )
    return tenant_id


async def check(identity: Identity, email: str, password: str) -> Person:
    """Takes as long for who has no account. Raises `Unauthenticated` and `LimitExceeded`."""
    await identity.attempts.count(SIGN_IN, email)
    person = await identity.persons.by_email(email)
    password_hash = person.password_hash if person else None
    is_right = await identity.passwords.is_right(password, password_hash)
    if person is None or not is_right:
        raise Unauthenticated(reason=WRONG)
    await identity.attempts.clear(SIGN_IN, email)
    return person


async def begin(
    identity: Identity,
    person: Person,
    visitor: Visitor,
    *,
    is_remembered: bool,
    has_both: bool = False,
) -> tuple[str, Session]:
    """A session of who gave the password; where there is a second factor, it awaits the code, but
    of who `has_both` given already.
    """
    now = utc_now()
    awaits_code = person.totp_secret is not None and not has_both
    holds = HOLDS_FOR_REMEMBERED if is_remembered else HOLDS_FOR
    companies = await identity.companies.of_person(person.person_id)
    session = Session(
        session_id="",
        person_id=person.person_id,
        tenant_id=companies[0].tenant_id if companies else None,
        role=companies[0].role if companies else None,
        awaits_code=awaits_code,
        is_remembered=is_remembered,
        browser=visitor.browser,
        address=visitor.address,
        created_at=now,
        expires_at=now + (CODE_WITHIN if awaits_code else holds),
        checked_at=now,
    )
    return await identity.sessions.open(session), session


async def pass_code(identity: Identity, token: str, code: str) -> tuple[str, Session]:
    """The session under a new id, once the code is right. Raises `Unauthenticated`."""
    session, person = await awaiting(identity, token)
    await check_code(identity, person, code)
    return await let_in(identity, token, session)


async def awaiting(identity: Identity, token: str) -> tuple[Session, Person]:
    """Who gave the password, and not yet the second factor. Raises `Unauthenticated`."""
    session = await identity.sessions.find(token)
    person = await identity.persons.by_id(session.person_id)
    if person is None or not session.awaits_code:
        raise Unauthenticated(reason="begin again with your password")
    return session, person


async def let_in(identity: Identity, token: str, session: Session) -> tuple[str, Session]:
    """Whose second factor is right: the session under a new id."""
    now = utc_now()
    holds = HOLDS_FOR_REMEMBERED if session.is_remembered else HOLDS_FOR
    passed = replace(session, awaits_code=False, created_at=now, expires_at=now + holds)
    return await identity.sessions.rotate(token, passed), passed


async def check_code(identity: Identity, person: Person, code: str) -> None:
    """Of the app, or one of those for when it is lost. Each works once.

    Raises `Unauthenticated` and `LimitExceeded`.
    """
    await identity.attempts.count(CODE, str(person.person_id))
    if not await _is_code(identity, person, code):
        raise Unauthenticated(reason="this code is not right, or was used before")
    await identity.attempts.clear(CODE, str(person.person_id))


async def _is_code(identity: Identity, person: Person, code: str) -> bool:
    digits = "".join(code.split())
    if len(digits) == DIGITS and digits.isdigit():
        if person.totp_secret is None:
            return False
        step = step_of(person.totp_secret, digits, time(), after=person.totp_step)
        return step is not None and await identity.persons.take_step(person.person_id, step)
    return await identity.persons.use_recovery_code(person.person_id, as_recovery_code(code))


async def tell_of_new_browser(identity: Identity, person_id: UUID, visitor: Visitor) -> None:
    """By mail, where other sessions hold and none of them is of such a browser."""
    held = await identity.sessions.of(person_id)
    others = [session.browser for session in held[1:]]
    person = await identity.persons.by_id(person_id)
    if person and others and visitor.browser not in others:
        values = {
            "name": person.name,
            "at": utc_now().isoformat(timespec="seconds"),
            "browser": visitor.browser,
            "link": f"{identity.public_url}/account",
        }
        mail = Mail("signed_in_elsewhere", person.email, person.person_id, values)
        await identity.mail.send(mail)


async def ask_reset(identity: Identity, email: str) -> None:
    """To be run after the answer, so that its time tells nothing."""
    person = await identity.persons.by_email(email)
    if person:
        await mail_reset(identity, person)


async def mail_reset(identity: Identity, person: Person) -> None:
    secret = await identity.persons.offer_reset(person.person_id)
    link = f"{identity.public_url}/reset/{secret}"
    values = {"name": person.name, "link": link, "minutes": str(RESET_MINUTES)}
    await identity.mail.send(Mail("reset_password", person.email, person.person_id, values))


async def reset(identity: Identity, secret: str, password: str) -> Person:
    """Ends every session. Raises `Unauthenticated` for a link that is over, `Invalid`."""
    person = await identity.persons.resetting(secret)
    if person is None:
        raise Unauthenticated(reason=LINK_OVER)
    await set_password(identity, person, password, but=None)
    return person


async def set_password(
    identity: Identity, person: Person, password: str, *, but: str | None
) -> None:
    """`but` is the session to keep. Raises `Invalid`."""
    check_password(password, person.name, person.email)
    password_hash = await identity.passwords.hash(password)
    await identity.persons.set_password(person.person_id, password_hash)
    await identity.sessions.end_all(person.person_id, but=but)


async def switch(
    identity: Identity, token: str, session: Session, tenant_id: UUID
) -> tuple[str, Session]:
    """To another company of the same person's, under a new id. Raises `Invalid`."""
    role = await identity.companies.role(tenant_id, session.person_id)
    if role is None:
        raise Invalid(what="this switch", reason="you do not belong to that company")
    switched = replace(session, tenant_id=tenant_id, role=role, checked_at=utc_now())
    return await identity.sessions.rotate(token, switched), switched
