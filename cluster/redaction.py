"""What no log line may hold: addresses of people, and whatever lets someone in."""

import re

_HIDDEN = "…"

_SECRETS = re.compile(
    r"""
    \beyJ[\w-]{5,}\.[\w-]+\.[\w-]*               # a JWT
    | \bmch_[a-z0-9]{1,20}_[0-9A-Za-z]{16,}\b    # an API key of ours
    | (?i:(?<=bearer\s)|(?<=basic\s))[\w.~+/=-]+
    | (?<=mch_session=)[^;\s"']+
    """,
    re.VERBOSE,
)
_LINKS = re.compile(r"(/(?:verify|reset|join)/)[^/\s\"'?]+")
_PASSWORDS = re.compile(r"(://[^:/@\s]*:)[^@\s/\"']+(@)")
_ADDRESSES = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def redact(text: str) -> str:
    """The text with an ellipsis in the place of each."""
    text = _PASSWORDS.sub(rf"\1{_HIDDEN}\2", text)
    text = _SECRETS.sub(_HIDDEN, text)
    text = _LINKS.sub(rf"\1{_HIDDEN}", text)
    return _ADDRESSES.sub(f"{_HIDDEN}@{_HIDDEN}", text)
