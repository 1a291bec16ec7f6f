"""The company: who belongs to it, who is invited, and how its profile changed.

Events hold ids, roles, codes and digests. Names, addresses and words lie in erasable tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from domain.access import Permission, Principal, Role, authorize
from domain.consent import PROVIDERS, ConsentChanged, Purpose, consented
from domain.decider import Decider
from domain.errors import Forbidden, Invalid, NotFound
from domain.events import Event, Stream
from domain.provider import JOINS_AS

COMPANY = "Company"


class CompanyFounded(Event):
    """Its founder is its first owner."""

    type: Literal["CompanyFounded"] = "CompanyFounded"
    founder: UUID
    profile_digest: str


class MemberInvited(Event):
    type: Literal["MemberInvited"] = "MemberInvited"
    invitation_id: UUID
    role: Role


class InvitationWithdrawn(Event):
    type: Literal["InvitationWithdrawn"] = "InvitationWithdrawn"
    invitation_id: UUID


class MemberJoined(Event):
    type: Literal["MemberJoined"] = "MemberJoined"
    person_id: UUID
    role: Role
    invitation_id: UUID


class MemberRoleChanged(Event):
    type: Literal["MemberRoleChanged"] = "MemberRoleChanged"
    person_id: UUID
    role: Role


class MemberRemoved(Event):
    type: Literal["MemberRemoved"] = "MemberRemoved"
    person_id: UUID


class CompanyProfileChanged(Event):
    """`changed` names fields; what they say now lies under the digest."""

    type: Literal["CompanyProfileChanged"] = "CompanyProfileChanged"
    digest: str
    changed: tuple[str, ...]
    naics: tuple[str, ...] = ()
    psc: tuple[str, ...] = ()


CompanyEvent = (
    CompanyFounded
    | MemberInvited
    | InvitationWithdrawn
    | MemberJoined
    | MemberRoleChanged
    | MemberRemoved
    | CompanyProfileChanged
    | ConsentChanged
)
COMPANY_EVENTS: tuple[type[CompanyEvent], ...] = (
    CompanyFounded,
    MemberInvited,
    InvitationWithdrawn,
    MemberJoined,
    MemberRoleChanged,
    MemberRemoved,
    CompanyProfileChanged,
    ConsentChanged,
)


@dataclass(frozen=True, slots=True)
class Found:
    founder: UUID
    profile_digest: str


@dataclass(frozen=True, slots=True)
class Invite:
    by: Principal
    invitation_id: UUID
    role: Role


@dataclass(frozen=True, slots=True)
class Withdraw:
    by: Principal
    invitation_id: UUID


@dataclass(frozen=True, slots=True)
class Join:
    """By an invitation, which is checked before; or as what the company's provider may make one."""

    person_id: UUID
    invitation_id: UUID
    admitted_as: Role | None = None


@dataclass(frozen=True, slots=True)
class ChangeRole:
    by: Principal
    person_id: UUID
    role: Role


@dataclass(frozen=True, slots=True)
class Remove:
    """Everyone may remove themselves."""

    by: Principal
    person_id: UUID


@dataclass(frozen=True, slots=True)
class ChangeProfile:
    by: Principal
    changed: CompanyProfileChanged


@dataclass(frozen=True, slots=True)
class Consent:
    """To the provider of the day. Not given: withdrawn."""

    by: Principal
    purpose: Purpose
    given: bool


Command = Found | Invite | Withdraw | Join | ChangeRole | Remove | ChangeProfile | Consent


@dataclass(frozen=True, slots=True)
class Company:
    """`invited`: the role of each invitation that is open. `profile_digest`: of the last change.
    `consents`: to whom, for each purpose.
    """

    members: Mapping[UUID, Role] = field(default_factory=dict)
    invited: Mapping[UUID, Role] = field(default_factory=dict)
    profile_digest: str | None = None
    consents: Mapping[Purpose, str] = field(default_factory=dict)


def company_stream(tenant_id: UUID) -> Stream:
    return Stream(tenant_id, COMPANY, str(tenant_id))


def _decide(command: Command, company: Company) -> Sequence[CompanyEvent]:
    """Repeating a command changes nothing. Raises `Forbidden`, `NotFound` and `Invalid`."""
    match command:
        case Found(founder, digest):
            _refuse_founded(company)
            return [CompanyFounded(founder=founder, profile_digest=digest)]
        case Invite(by, invitation_id, role):
            _may_give(by, role)
            return [MemberInvited(invitation_id=invitation_id, role=role)]
        case Withdraw():
            return _withdraw(command, company)
        case Join():
            return _join(command, company)
        case ChangeRole():
            return _change_role(command, company)
        case Remove():
            return _remove(command, company)
        case ChangeProfile() | Consent():
            return _change_settings(command, company)


def _refuse_founded(company: Company) -> None:
    if company.members:
        raise Invalid(what="founding", reason="this company exists")


def _withdraw(command: Withdraw, company: Company) -> Sequence[CompanyEvent]:
    authorize(command.by, Permission.MANAGE_MEMBERS)
    is_open = command.invitation_id in company.invited
    return [InvitationWithdrawn(invitation_id=command.invitation_id)] if is_open else []


def _change_settings(command: ChangeProfile | Consent, company: Company) -> Sequence[CompanyEvent]:
    if isinstance(command, Consent):
        return _consent(command, company)
    authorize(command.by, Permission.EDIT_PROFILE)
    is_news = command.changed.digest != company.profile_digest
    return [command.changed] if is_news else []


def _consent(command: Consent, company: Company) -> Sequence[CompanyEvent]:
    authorize(command.by, Permission.MANAGE_PERSONAL_DATA)
    provider = PROVIDERS[command.purpose]
    if command.given == (company.consents.get(command.purpose) == provider):
        return []
    told = {"purpose": command.purpose, "provider": provider, "given": command.given}
    return [ConsentChanged.model_validate({**told, "by": command.by.user_id})]


def _join(command: Join, company: Company) -> Sequence[CompanyEvent]:
    admitted = command.admitted_as if command.admitted_as in JOINS_AS else None
    role = company.invited.get(command.invitation_id) or admitted
    if role is None:
        raise NotFound(what="open invitation", key=str(command.invitation_id))
    if command.person_id in company.members:
        raise Invalid(what="this invitation", reason="you belong to this company already")
    return [
        MemberJoined(person_id=command.person_id, role=role, invitation_id=command.invitation_id)
    ]


def _change_role(command: ChangeRole, company: Company) -> Sequence[CompanyEvent]:
    before = _member(company, command.person_id)
    _may_give(command.by, command.role)
    _may_give(command.by, before)
    if before == command.role:
        return []
    if before is Role.OWNER:
        _refuse_last_owner(company)
    return [MemberRoleChanged(person_id=command.person_id, role=command.role)]


def _remove(command: Remove, company: Company) -> Sequence[CompanyEvent]:
    role = _member(company, command.person_id)
    if command.by.user_id != str(command.person_id):
        _may_give(command.by, role)
    if role is Role.OWNER:
        _refuse_last_owner(company)
    return [MemberRemoved(person_id=command.person_id)]


def _member(company: Company, person_id: UUID) -> Role:
    if person_id not in company.members:
        raise NotFound(what="member", key=str(person_id))
    return company.members[person_id]


def _may_give(by: Principal, role: Role) -> None:
    """Roles, and only owners those of owners: nobody lifts themselves."""
    if role is Role.SERVICE:
        raise Forbidden(who=by.user_id, what="make a person a service")
    authorize(by, Permission.MANAGE_MEMBERS)
    if role is Role.OWNER:
        authorize(by, Permission.APPOINT_OWNERS)


def _refuse_last_owner(company: Company) -> None:
    if list(company.members.values()).count(Role.OWNER) == 1:
        raise Invalid(what="this", reason="a company keeps one owner; make someone else one first")


def _evolve(company: Company, event: CompanyEvent) -> Company:
    if isinstance(event, ConsentChanged):
        return replace(company, consents=consented(company.consents, event))
    return _evolve_members(company, event)


def _evolve_members(company: Company, event: CompanyEvent) -> Company:
    members, invited = dict(company.members), dict(company.invited)
    digest = company.profile_digest
    match event:
        case CompanyFounded(founder=founder, profile_digest=first):
            members[founder], digest = Role.OWNER, first
        case MemberInvited(invitation_id=invitation_id, role=role):
            invited[invitation_id] = role
        case InvitationWithdrawn(invitation_id=invitation_id):
            invited.pop(invitation_id, None)
        case MemberJoined(person_id=person_id, role=role, invitation_id=invitation_id):
            members[person_id] = role
            invited.pop(invitation_id, None)
        case MemberRoleChanged(person_id=person_id, role=role):
            members[person_id] = role
        case MemberRemoved(person_id=person_id):
            members.pop(person_id, None)
        case CompanyProfileChanged(digest=changed):
            digest = changed
    return replace(company, members=members, invited=invited, profile_digest=digest)


COMPANIES: Decider[Command, Company, CompanyEvent] = Decider(
    COMPANY, COMPANY_EVENTS, Company(), _decide, _evolve
)
"""One stream a tenant."""
