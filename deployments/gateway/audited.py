"""Acts over HTTP in the audit log: recorded before they are done, or they are not done."""

from uuid import UUID, uuid4

from starlette.requests import Request

from deployments.gateway.refusals import Refusals
from deployments.identity import Identity
from deployments.problems import correlation_id
from domain.access import Permission, Principal
from domain.audit import OPERATORS, Act, AuditLog
from domain.errors import HubError, Unauthenticated
from domain.passkey import COPIED
from domain.session import Session, principal_of

_SAFE = {"GET", "HEAD", "OPTIONS"}

UNTOLD = frozenset({Permission.READ_NOTIFICATIONS})
"""Acts under these change what one has read, and nothing that anybody else sees."""

ALWAYS_TOLD = frozenset({Permission.MANAGE_PERSONAL_DATA})
"""Under these a request is an act even where it changes nothing: everything leaves the hub."""

STRANGER = "stranger"

SECRETS = {"secret"}
"""What a path may name, and no log."""


async def tell_audit(request: Request, principal: Principal, permission: Permission) -> None:
    """For a guard that lets an act through. Raises `Unavailable`, and then nothing is done.

    The act is named by its route, its subject by what the path names: what is asked for in the
    body may be personal, and stays out.
    """
    acts = request.method not in _SAFE and permission not in UNTOLD
    if acts or permission in ALWAYS_TOLD:
        route = getattr(request.scope.get("route"), "path", request.url.path)
        await _record(request, principal, f"{request.method} {route}")


async def tell_signed_in(request: Request, session: Session) -> None:
    """Before the browser is given its session. While that awaits a code nobody is signed in."""
    if not session.awaits_code:
        await _record(request, principal_of(session), "sign in")


async def tell_signed_out(request: Request, session: Session) -> None:
    """Before the session ends."""
    await _record(request, principal_of(session), "sign out")


async def tell_refused(request: Request, principal: Principal) -> None:
    """Someone who is known was not let through, be it only to look."""
    route = getattr(request.scope.get("route"), "path", request.url.path)
    await _record_refusal(request, principal, f"refused: {request.method} {route}")


async def tell_refused_credential(request: Request, tenant_id: UUID, credential: str) -> None:
    """What once proved something, or nearly does, was shown in vain: wrong, expired or revoked."""
    route = getattr(request.scope.get("route"), "path", request.url.path)
    who = Principal(tenant_id, STRANGER, frozenset(), credential)
    await _record_refusal(request, who, f"refused credential: {request.method} {route}")


async def tell_failed_provider(request: Request, tenant_id: UUID) -> None:
    """Someone came back from the company's provider, or was to be led there, and was not let in."""
    who = Principal(tenant_id, STRANGER, frozenset(), "none")
    await _record_refusal(request, who, "failed: sign in through the provider")


async def tell_failed_sign_in(request: Request, identity: Identity, email: str) -> None:
    """In the chain of that person's company; of who has no account, or no company, in that of
    operators. Either way it takes as many looks, and the address that was typed stays out.
    """
    person = await identity.persons.by_email(email)
    person_id = person.person_id if person else uuid4()
    await _tell_failed(request, identity, person_id, "failed: sign in", is_known=bool(person))


async def tell_failed_code(request: Request, identity: Identity, person_id: UUID) -> None:
    """After a right password, the second factor was wrong."""
    await _tell_failed(request, identity, person_id, "failed: second factor", is_known=True)


async def tell_failed_passkey(
    request: Request, identity: Identity, person_id: UUID | None, what: str, error: HubError
) -> None:
    """A passkey did not do what it was shown for. Whose it is, is None where that is unknown."""
    action = f"failed: {what}"
    if isinstance(error, Unauthenticated) and error.reason == COPIED:
        action = f"{action}, which seems copied"
    known = person_id is not None
    await _tell_failed(request, identity, person_id or uuid4(), action, is_known=known)


async def _tell_failed(
    request: Request, identity: Identity, person_id: UUID, action: str, *, is_known: bool
) -> None:
    companies = await identity.companies.of_person(person_id)
    tenant_id = companies[0].tenant_id if companies else OPERATORS
    who = str(person_id) if is_known else STRANGER
    await _record_refusal(request, Principal(tenant_id, who, frozenset(), "none"), action)


async def _record_refusal(request: Request, principal: Principal, action: str) -> None:
    """Bounded for each company: strangers can make as many as they like."""
    refusals: Refusals = request.app.state.refusals
    told = refusals.told(principal.tenant_id, action)
    if told is not None:
        await _record(request, principal, told)


async def _record(request: Request, principal: Principal, action: str) -> None:
    audit: AuditLog = request.app.state.backends.audit
    told = {**request.path_params, **dict.fromkeys(SECRETS & set(request.path_params), "…")}
    act = Act(
        tenant_id=principal.tenant_id,
        actor=principal.user_id,
        credential=principal.credential,
        action=action,
        subject=" ".join(f"{name}={value}" for name, value in sorted(told.items())),
        correlation_id=await correlation_id(request),
        details={"address": request.client.host if request.client else ""},
    )
    await audit.record(act)
