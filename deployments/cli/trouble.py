"""What a command says when it cannot do its work: one line, and where to read more."""

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from pydantic import ValidationError

from cluster.home import Home
from cluster.settings_sources import WrongSetting, explain
from domain.errors import HubError

_INTERRUPTED = 130


class Trouble(Exception):
    """Told to the user as it is. Its words say what to do where that is known."""


@contextmanager
def told() -> Iterator[None]:
    """Ends the process with one line on stderr where something is raised."""
    logging.basicConfig(level=logging.CRITICAL)
    try:
        yield
    except KeyboardInterrupt:
        _end("interrupted", _INTERRUPTED)
    except ValidationError as error:
        _end(explain(error))
    except (Trouble, WrongSetting, HubError, OSError, httpx.HTTPError) as error:
        _end(str(error) or type(error).__name__)
    except Exception as error:  # noqa: BLE001 - a defect of ours is told in one line too
        _end(f"{type(error).__name__}: {error} ({_kept()})")


def _end(message: str, code: int = 1) -> None:
    line = " ".join(message.split())
    sys.stderr.write(f"mch: {line}\n")
    sys.exit(code)


def _kept() -> str:
    """Where the traceback of this error is kept, if it could be."""
    log = Home.default().logs / "mch.log"
    if not log.parent.is_dir():
        return "no logs folder yet"
    with log.open("a") as out:
        traceback.print_exc(file=out)
    return f"see {log}"
