"""For programs: who one is here, the company's profile and members, codes by name."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from deployments.backends import Ports
from deployments.guard import Colleague, ProfileEditor, Reader
from deployments.joining import change_profile
from deployments.params import NoQuery
from deployments.problems import PROBLEMS
from deployments.shapes import At, Page, Shape
from deployments.visiting import cause_of
from domain.access import Permission, Role
from domain.code_search import find_naics, find_psc
from domain.profile import CompanyProfile

router = APIRouter(prefix="/api/v1", tags=["company"], responses=PROBLEMS)


class OneselfShape(Shape):
    """What the credential of the request proves. `credential` names it, and is no secret."""

    tenant_id: UUID
    user_id: str
    credential: str = Field(examples=["key:7a3xpapaj6"])
    permissions: tuple[Permission, ...]


class ProfileShape(Shape):
    """`version` counts the changes; notices are matched again after each."""

    version: int
    updated_at: At
    profile: CompanyProfile


class MemberShape(Shape):
    person_id: UUID
    name: str
    email: str
    role: Role
    joined_at: At


class CodeShape(Shape):
    code: str = Field(examples=["339112"])
    name: str


class CodeQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["naics", "psc"]
    q: str = Field(min_length=1, max_length=100, examples=["surgical instruments"])
    limit: int = Field(default=12, ge=1, le=50)


@router.get("/me")
async def get_oneself(query: NoQuery, principal: Reader) -> OneselfShape:
    """For whom this credential asks, and what it may."""
    return OneselfShape(
        tenant_id=principal.tenant_id,
        user_id=principal.user_id,
        credential=principal.credential,
        permissions=tuple(sorted(principal.permissions)),
    )


@router.get("/company")
async def get_company(query: NoQuery, principal: Colleague, ports: Ports) -> ProfileShape:
    """What notices are matched with."""
    return ProfileShape.model_validate(await ports.identity.profiles.get(principal.tenant_id))


@router.put("/company")
async def put_company(
    request: Request,
    profile: CompanyProfile,
    query: NoQuery,
    principal: ProfileEditor,
    ports: Ports,
) -> ProfileShape:
    """The whole profile. The same again changes nothing."""
    profiles = ports.identity.profiles
    before = (await profiles.get(principal.tenant_id)).profile
    cause = await cause_of(request, principal)
    await change_profile(ports.identity, principal, before, profile, cause)
    return ProfileShape.model_validate(await profiles.get(principal.tenant_id))


@router.get("/company/members")
async def list_members(query: NoQuery, principal: Colleague, ports: Ports) -> Page[MemberShape]:
    """All of them, who joined first coming first."""
    members = await ports.identity.companies.members(principal.tenant_id)
    return Page[MemberShape](
        items=tuple(MemberShape.model_validate(member) for member in members),
        next_cursor=None,
        total=len(members),
        degraded=(),
    )


@router.get("/codes")
async def find_codes(query: Annotated[CodeQuery, Query()], principal: Reader) -> Page[CodeShape]:
    """NAICS of six digits or PSC of four characters, by what they are called."""
    find = find_naics if query.kind == "naics" else find_psc
    found = find(query.q, query.limit)
    return Page[CodeShape](
        items=tuple(CodeShape.model_validate(hit) for hit in found),
        next_cursor=None,
        total=len(found),
        degraded=(),
    )
