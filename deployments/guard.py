"""What a route demands of its caller. Each declares it; a test fails for one that forgets."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.routing import APIRoute

from deployments.auth import local_principal
from deployments.gateway.audited import tell_audit, tell_refused, tell_refused_credential
from deployments.gateway.once import claim
from domain.access import Permission, Principal, authorize
from domain.errors import Forbidden, Unauthenticated


class Allows:
    """A dependency that lets through whom the one `identify` function knows with a permission."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, request: Request) -> Principal:
        principal = await _identify(request)
        await _authorize(request, principal, self.permission)
        request.state.principal = principal
        await claim(request, principal)
        await tell_audit(request, principal, self.permission)
        return principal


async def _identify(request: Request) -> Principal:
    """A credential of a company that does not hold (any more) is in that company's audit log."""
    try:
        principal: Principal = await request.app.state.identify(request)
    except Unauthenticated as error:
        if error.tenant_id is not None:
            await tell_refused_credential(request, error.tenant_id, error.credential)
        raise
    return principal


async def _authorize(request: Request, principal: Principal, permission: Permission) -> None:
    """Who is known and may not is in the audit log of the company that he asks for."""
    try:
        authorize(principal, permission)
    except Forbidden:
        await tell_refused(request, principal)
        raise


class AllowsHere(Allows):
    """Lets through whoever sits at this machine, signed in or not, and nobody from elsewhere."""

    async def __call__(self, request: Request) -> Principal:
        principal = await local_principal(request)
        authorize(principal, self.permission)
        return principal


async def anyone() -> None:
    """Declares that a route tells nothing worth guarding: probes, style sheets."""


Reader = Annotated[Principal, Depends(Allows(Permission.READ_OPPORTUNITIES))]
Analyst = Annotated[Principal, Depends(Allows(Permission.READ_ANALYTICS))]
Addressee = Annotated[Principal, Depends(Allows(Permission.READ_NOTIFICATIONS))]
DocumentReader = Annotated[Principal, Depends(Allows(Permission.READ_DOCUMENTS))]
MatrixEditor = Annotated[Principal, Depends(Allows(Permission.EDIT_MATRICES))]
DocumentWriter = Annotated[Principal, Depends(Allows(Permission.WRITE_DOCUMENTS))]
Watcher = Annotated[Principal, Depends(Allows(Permission.READ_SYSTEM))]
Oneself = Annotated[Principal, Depends(Allows(Permission.OWN_ACCOUNT))]
Colleague = Annotated[Principal, Depends(Allows(Permission.READ_COMPANY))]
ProfileEditor = Annotated[Principal, Depends(Allows(Permission.EDIT_PROFILE))]
Recruiter = Annotated[Principal, Depends(Allows(Permission.MANAGE_MEMBERS))]
Owner = Annotated[Principal, Depends(Allows(Permission.MANAGE_PERSONAL_DATA))]
Auditor = Annotated[Principal, Depends(Allows(Permission.READ_AUDIT))]
KeyMaker = Annotated[Principal, Depends(Allows(Permission.MANAGE_KEYS))]

LocalOperator = Annotated[Principal, Depends(AllowsHere(Permission.OPERATE))]

Declared = Callable[..., Awaitable[object]]


def declared(route: APIRoute) -> list[Permission | None]:
    """The permissions that a route demands; None stands for `anyone`."""
    calls = [dependency.call for dependency in route.dependant.dependencies]
    demanded: list[Permission | None] = [
        call.permission for call in calls if isinstance(call, Allows)
    ]
    return demanded + [None for call in calls if call is anyone]
