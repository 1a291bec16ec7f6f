"""A problem as a page, for a person who asked for one."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from deployments.parts import PartsWatch
from deployments.problems import Problem
from deployments.web.frame import Frame
from deployments.web.render import Pages

TITLES = {
    401: "Sign in to see this",
    403: "You may not see this",
    404: "Nothing is here",
    405: "This cannot be done here",
    422: "The address asks for something unknown",
    429: "That was too often",
    503: "This cannot be shown now",
}
MEANINGS = {
    401: "Nothing is shown to someone whom the hub does not know.",
    403: "An owner or admin of your company can give you the permission.",
    404: "The address may be mistyped, or the notice was never fetched by this hub.",
    405: "Go back and use the button or link of the page.",
    422: "Nothing was searched, so that a mistake in an address is not taken for an empty answer.",
    429: "Nothing was done. Wait for as long as it says, then try again.",
    503: "This is not an empty page, and nothing is lost. Load it again in a few seconds.",
}
CRASH = ("The hub made a mistake", "It is in the log. Nothing that was acknowledged is lost.")


async def render_problem_page(request: Request, problem: Problem) -> Response:
    watch: PartsWatch | None = getattr(request.app.state, "parts", None)
    pages: Pages = request.app.state.pages
    title = TITLES.get(problem.status, CRASH[0])
    return pages.render(
        "problem.html",
        problem.status,
        frame=Frame(datetime.now(UTC), tuple(await watch.glance()) if watch else (), None, ()),
        title=title,
        is_forbidden=problem.status == 403,
        tone="danger" if problem.status >= 500 else "warn",
        what=_sentence(problem.detail) if problem.status != 500 else CRASH[0],
        meaning=MEANINGS.get(problem.status, CRASH[1]),
        errors=problem.errors or (),
        correlation_id=problem.correlation_id,
    )


def _sentence(detail: str) -> str:
    return f"{detail[:1].upper()}{detail[1:].rstrip('.')}."
