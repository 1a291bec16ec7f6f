"""The company's profile: what it sells, may bid on and wants. Notices are matched against it."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field, ValidationError

from cluster.clients.sam_gov_entities import profile_of_entity
from deployments.backends import Backends, Ports
from deployments.forms import Filled, Form, filled
from deployments.guard import Colleague, ProfileEditor
from deployments.joining import change_profile
from deployments.params import NoQuery
from deployments.visiting import cause_of
from deployments.web.company_view import CERTIFICATIONS, profile_of, profile_view
from deployments.web.frame import frame_page
from deployments.web.render import Pages
from domain.access import Permission, Principal
from domain.codes import state_names
from domain.errors import Forbidden, HubError, NotFound, QuotaExceeded, Unavailable
from domain.onboarding import first_profile
from domain.profile import Certification, CompanyProfile

router = APIRouter(include_in_schema=False)

PROFILE = "/company"
_LISTS = ("naics", "psc", "certifications", "states")


class ProfileForm(Form):
    """Lines of text where there are several; `find_…` asks for codes and saves nothing, and so does
    the act `uei`, which fills in what SAM.gov knows.
    """

    name: str = Field(min_length=1, max_length=200)
    uei: str = Field(default="", pattern=r"^([0-9A-Za-z]{12})?$")
    cage: str = Field(default="", pattern=r"^([0-9A-Za-z]{5})?$")
    employees: int | None = Field(default=None, ge=1)
    revenue_usd: int | None = Field(default=None, ge=0)
    naics: tuple[str, ...] = ()
    psc: tuple[str, ...] = ()
    certifications: tuple[Certification, ...] = ()
    states: tuple[str, ...] = ()
    keywords: str = ""
    exclusions: str = ""
    statement: str = Field(default="", max_length=10_000)
    references: str = ""
    products: str = ""
    fetches_documents: bool = False
    find_naics: str = Field(default="", max_length=100)
    find_psc: str = Field(default="", max_length=100)
    act: str = "save"


class OnboardingForm(Form):
    words: str = Field(min_length=2, max_length=2_000)
    certifications: tuple[Certification, ...] = ()
    states: tuple[str, ...] = ()


@router.get(PROFILE)
async def company_page(
    request: Request, query: NoQuery, principal: Colleague, ports: Ports
) -> HTMLResponse:
    profile = await _profile(ports, principal)
    return await _company(request, principal, profile_view(profile), Filled())


@router.post(PROFILE)
async def save_profile(
    request: Request,
    principal: ProfileEditor,
    form: Annotated[Filled[ProfileForm], Depends(filled(ProfileForm, *_LISTS))],
    ports: Ports,
) -> Response:
    """Searching for codes gives the form back as it was filled in, with what was found."""
    before = await _profile(ports, principal)
    told = form.value
    if told is None:
        return await _company(request, principal, profile_view(before, form.told), form)
    if told.act == "uei":
        return await _fill_from_uei(request, principal, before, form, ports)
    if told.act != "save":
        view = profile_view(before, form.told, (told.find_naics, told.find_psc))
        return await _company(request, principal, view, Filled())
    try:
        after = profile_of(told.model_dump(), before)
    except ValidationError as error:
        wrong = {str(fault["loc"][0]): _words(fault) for fault in error.errors()}
        refused = form.refused(**wrong)
        return await _company(request, principal, profile_view(before, form.told), refused)
    await change_profile(
        ports.identity, principal, before, after, await cause_of(request, principal)
    )
    return RedirectResponse(PROFILE, 303)


async def _fill_from_uei(
    request: Request,
    principal: Principal,
    before: CompanyProfile,
    form: Filled[ProfileForm],
    ports: Backends,
) -> HTMLResponse:
    """The profile as it would be, to be corrected and saved."""
    uei = str(form.told.get("uei", "")).upper()
    try:
        entity = await _entity(ports, uei)
    except (NotFound, Unavailable, QuotaExceeded, Forbidden) as error:
        refused = form.refused(uei=_why_not(error))
        return await _company(request, principal, profile_view(before, form.told), refused)
    view = profile_view(profile_of_entity(entity, before))
    return await _company(request, principal, view | {"from_uei": uei}, Filled())


async def _entity(ports: Backends, uei: str) -> Mapping[str, Any]:
    if not uei:
        raise NotFound(what="registration", key="of no UEI")
    if ports.entities is None:
        raise Unavailable(service="sam_gov", reason="no key for SAM.gov is set")
    return await ports.entities.entity(uei)


def _why_not(error: HubError) -> str:
    if isinstance(error, NotFound):
        return "SAM.gov knows no active registration under this UEI. Look for a slip."
    if isinstance(error, QuotaExceeded):
        return "Today's questions to SAM.gov are used up. Fill in the profile by hand."
    return "SAM.gov can't be asked now. Try again later, or fill in the profile by hand."


@router.get("/onboarding")
async def onboarding_page(
    request: Request, query: NoQuery, principal: ProfileEditor, ports: Ports
) -> HTMLResponse:
    return await _onboarding(request, principal, Filled())


@router.post("/onboarding")
async def onboard(
    request: Request,
    principal: ProfileEditor,
    form: Annotated[
        Filled[OnboardingForm], Depends(filled(OnboardingForm, "certifications", "states"))
    ],
    ports: Ports,
) -> Response:
    """A profile to match with at once, shown for correction."""
    told = form.value
    if told is None:
        return await _onboarding(request, principal, form)
    before = await _profile(ports, principal)
    after = first_profile(before.name, told.words, told.certifications, told.states)
    await change_profile(
        ports.identity, principal, before, after, await cause_of(request, principal)
    )
    return RedirectResponse(PROFILE, 303)


async def _profile(ports: Backends, principal: Principal) -> CompanyProfile:
    try:
        return (await ports.identity.profiles.get(principal.tenant_id)).profile
    except NotFound:  # A hub whose sample company was removed begins with an empty one.
        return CompanyProfile(name="Your company")


async def _company(
    request: Request, principal: Principal, view: dict[str, Any], form: Filled[ProfileForm]
) -> HTMLResponse:
    pages: Pages = request.app.state.pages
    return pages.render(
        "company.html",
        422 if form.errors else 200,
        frame=await frame_page(request, principal),
        may_edit=Permission.EDIT_PROFILE in principal.permissions,
        form=form,
        view=view,
    )


async def _onboarding(
    request: Request, principal: Principal, form: Filled[OnboardingForm]
) -> HTMLResponse:
    pages: Pages = request.app.state.pages
    return pages.render(
        "onboarding.html",
        422 if form.errors else 200,
        frame=await frame_page(request, principal),
        form=form,
        name=(await _profile(request.app.state.backends, principal)).name,
        certifications=CERTIFICATIONS.items(),
        states=state_names().items(),
    )


def _words(fault: Any) -> str:
    return f"This does not look right: {fault['msg'].removeprefix('Value error, ')}."
