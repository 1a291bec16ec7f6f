"""Where settings come from besides the environment, and which names of variables exist."""

import difflib
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, Secret, SecretStr, ValidationError

PREFIX = "MCH_"
NESTED = "__"
_FILE = "_FILE"


class WrongSetting(ValueError):
    """A variable or file that stops the start. The message names it."""


def variables(model: type[BaseModel], prefix: str = PREFIX) -> Iterator[tuple[str, bool]]:
    """Names of all variables of the model's values, and whether each is a secret."""
    for name, field in model.model_fields.items():
        variable = f"{prefix}{name.upper()}"
        group = next((kind for kind in _kinds(field.annotation) if _is_group(kind)), None)
        if group:
            yield from variables(group, variable + NESTED)
        else:
            yield variable, any(_is_secret(kind) for kind in _kinds(field.annotation))


def refuse_unknown(model: type[BaseModel], environment: Mapping[str, str]) -> None:
    """Raises `WrongSetting` for the first `MCH_…` variable that sets nothing."""
    known = {name for name, _ in variables(model)}
    known |= {name + _FILE for name, secret in variables(model) if secret}
    for name in sorted(environment):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise WrongSetting(f"{name} is no setting{hint}")


def with_secrets_from_files(
    found: dict[str, Any], model: type[BaseModel], environment: Mapping[str, str]
) -> dict[str, Any]:
    """What the variables told, with the content of each file in its place.

    Raises `WrongSetting` where a file cannot be read, or the secret is there twice.
    """
    for name, secret in variables(model):
        file = environment.get(name + _FILE) if secret else None
        if not file:
            continue
        if name in environment:
            raise WrongSetting(f"{name} and {name}{_FILE} are both set")
        *groups, field = name.removeprefix(PREFIX).lower().split(NESTED)
        place = found
        for group in groups:
            place = place.setdefault(group, {})
        place.pop(field + _FILE.lower(), None)
        place[field] = _content(name + _FILE, file)
    return found


def _content(variable: str, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise WrongSetting(f"{variable}: {error.strerror}: {file}") from error


def explain(error: ValidationError) -> str:
    """One line that names each wrong variable, and never repeats a value: it may be a secret."""
    return "; ".join(
        _told(problem["loc"], problem["msg"]) for problem in error.errors(include_input=False)
    )


def _told(location: tuple[int | str, ...], message: str) -> str:
    variable = PREFIX + NESTED.join(str(part).upper() for part in location)
    plain = message.removeprefix("Value error, ")
    return f"{variable}: {plain}" if location else plain


def _kinds(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, else the type itself."""
    if get_origin(annotation) in {Union, types.UnionType}:
        return tuple(each for member in get_args(annotation) for each in _kinds(member))
    return (annotation,)


def _is_group(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _is_secret(kind: Any) -> bool:
    plain = get_origin(kind) or kind
    return isinstance(plain, type) and issubclass(plain, (Secret, SecretStr))
