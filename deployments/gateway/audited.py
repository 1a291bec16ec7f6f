"""Acts over HTTP in the audit log: recorded before they are done, or they are not done."""

from starlette.requests import Request

from deployments.problems import correlation_id
from domain.access import Permission, Principal
from domain.audit import Act, AuditLog
from domain.session import Session, principal_of

_SAFE = {"GET", "HEAD", "OPTIONS"}

UNTOLD = frozenset({Permission.READ_NOTIFICATIONS})
"""Acts under these change what one has read, and nothing that anybody else sees."""

ALWAYS_TOLD = frozenset({Permission.MANAGE_PERSONAL_DATA})
"""Under these a request is an act even where it changes nothing: everything leaves the hub."""

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
