"""Forms that pages send: read, checked, and given back with what is wrong."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import parse_qs

from fastapi import Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from domain.errors import Invalid
from domain.person import as_email

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 1_000

_WORDS = {
    "missing": "Fill this in.",
    "string_too_short": "Fill this in.",
    "string_too_long": "This is too long: {max_length} characters are the most.",
    "int_parsing": "Use a whole number.",
    "string_pattern_mismatch": "This does not look right. Copy it as it is printed.",
    "enum": "Choose one of the list.",
}


class Form(BaseModel):
    """What a form may tell. A blank field is one that was left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)


F = TypeVar("F", bound=Form)


@dataclass(frozen=True, slots=True)
class Filled(Generic[F]):
    """`value` is None where something is wrong: then `errors` says what, by field.

    `told` is what was typed, for showing the form again; secrets are left out of it.
    """

    value: F | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def refused(self, **errors: str) -> "Filled[F]":
        """The same, with what was found out later. `form` stands for the whole of it."""
        return Filled(None, self.told, {**self.errors, **errors})


def filled(model: type[F], *lists: str) -> Callable[[Request], Awaitable[Filled[F]]]:
    """A dependency. Fields in `lists` may be told several times."""

    async def read(request: Request) -> Filled[F]:
        if not request.headers.get("content-type", "").startswith(FORM):
            raise Invalid(what="this request", reason="a form is expected")
        try:
            body = (await request.body()).decode()
            fields = parse_qs(body, max_num_fields=MOST_FIELDS, strict_parsing=bool(body))
        except ValueError as error:
            raise Invalid(what="this form", reason="it can't be read") from error
        told = {name: values if name in lists else values[-1] for name, values in fields.items()}
        return _checked(model, told)

    return read


def _checked(model: type[F], told: dict[str, Any]) -> Filled[F]:
    shown = {name: value for name, value in told.items() if "password" not in name}
    try:
        return Filled(model.model_validate(told), shown)
    except ValidationError as error:
        wrong = {
            str(fault["loc"][0]) if fault["loc"] else "form": _told(fault)
            for fault in error.errors()
        }
        return Filled(None, shown, wrong)


def _told(fault: Any) -> str:
    words = _WORDS.get(fault["type"])
    if words is None:
        plain: str = fault["msg"].removeprefix("Value error, ")
        return plain[:1].upper() + plain[1:]
    return words.format(**fault.get("ctx", {}))


def refusal(error: Invalid) -> str:
    """What to say beside a field."""
    return sentence(error.reason)


def _one_spelling(told: str) -> str:
    try:
        return as_email(told)
    except Invalid as error:
        raise ValueError(refusal(error)) from error


Email = Annotated[str, Field(min_length=1, max_length=254), AfterValidator(_one_spelling)]
"""An address of a person, spelt as all of them are."""


def sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}."


def own_path(told: str) -> str:
    """Where to go on after signing in: on this hub, or at its first page."""
    is_own = told.startswith("/") and not told.startswith(("//", "/\\"))
    return told if is_own and told.isprintable() and len(told) <= 2_000 else "/"
