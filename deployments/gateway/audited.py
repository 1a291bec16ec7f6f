"""Acts over HTTP in the audit log: recorded before they are done, or they are not done."""

from starlette.requests import Request

from deployments.problems import correlation_id
from domain.access import Permission, Principal
from domain.audit import Act, AuditLog

_SAFE = {"GET", "HEAD", "OPTIONS"}

UNTOLD = frozenset({Permission.READ_NOTIFICATIONS})
"""Acts under these change what one has read, and nothing that anybody else sees."""


async def tell_audit(request: Request, principal: Principal, permission: Permission) -> None:
    """For a guard that lets an act through. Raises `Unavailable`, and then nothing is done.

    The act is named by its route, its subject by what the path names: what is asked for in the
    body may be personal, and stays out.
    """
    if request.method in _SAFE or permission in UNTOLD:
        return
    audit: AuditLog = request.app.state.backends.audit
    route = getattr(request.scope.get("route"), "path", request.url.path)
    named = [f"{name}={value}" for name, value in sorted(request.path_params.items())]
    act = Act(
        tenant_id=principal.tenant_id,
        actor=principal.user_id,
        credential=principal.credential,
        action=f"{request.method} {route}",
        subject=" ".join(named),
        correlation_id=await correlation_id(request),
        details={"address": request.client.host if request.client else ""},
    )
    await audit.record(act)
