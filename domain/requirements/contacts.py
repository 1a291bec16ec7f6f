"""Whom to ask: e-mail addresses with the name and telephone that stand with them."""

import re
from collections.abc import Iterator, Sequence

from domain.pages import Line, Page
from domain.requirements.models import Contact

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.(?:gov|mil|us|com|org|net|edu)\b", re.IGNORECASE)
_PHONE = re.compile(r"(?<!\d)(?:\+?1[ .-])?\(?\b\d{3}\)?[ .\u2013-]{1,2}\d{3}[.\u2013 -]\d{4}\b")
_REACHED = re.compile(
    r"\b(?:contact|poc|contracting|specialist|officer|questions?|quot\w+|offers?|proposals?"
    r"|submi\w+|e-?mail|information call|buyer|purchasing|inquir\w+|send|address\w*|agent)\b",
    re.IGNORECASE,
)
_SYSTEM = re.compile(
    r"^(?:no-?reply|help|.*help\s?desk|service\s?desk|support|customer|wawf|ipp|invoices?|payments?"
    r"|ombudsman|hotline|disa\.|fsd|accessib|section508|webmaster)",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b(?=([A-Z][\w'\u2019-]+(?:\s+[A-Z]\.?)?\s+(?=[A-Z])[\w'\u2019-]+)\b)")
_BEHIND, _AHEAD = 120, 80
_BEFORE = 200
_SURNAME_LETTERS = 4
_ABOUT_NAME = 90


def contacts_of(
    pages: Sequence[Page],
    paragraphs: Sequence[tuple[str, str]],
    everywhere: Sequence[tuple[str, str]],
) -> Iterator[Contact]:
    """From paragraphs outside the clauses, each with the one before it; where these have none, the
    person to call on the front of a form; else from all paragraphs."""
    named = list(_form_contact(pages[0])) if pages else []
    found = list(_of_paragraphs(paragraphs))
    if not found and not named:
        found = list(_of_paragraphs(everywhere))
    text = "\n".join(page.text for page in pages)
    for contact in found:
        phone = contact.phone or _phone_by_name(contact.email or "", text)
        yield Contact(contact.name or _name_of(contact.email or "", text), contact.email, phone)
    if not found:
        yield from named


def _of_paragraphs(paragraphs: Sequence[tuple[str, str]]) -> Iterator[Contact]:
    seen: set[str] = set()
    for text, before in paragraphs:
        for match in EMAIL.finditer(text):
            email = match.group().lower()
            if email in seen or _SYSTEM.match(email):
                continue
            if _REACHED.search(f"{before[-_BEFORE:]} {text}"):
                seen.add(email)
                yield Contact(_name(before), match.group(), _phone_beside(match, text))


def _phone_beside(match: re.Match[str], text: str) -> str | None:
    behind = _PHONE.search(text, match.end(), match.end() + _BEHIND)
    phone = behind or _PHONE.search(text, max(match.start() - _AHEAD, 0), match.start())
    return phone.group() if phone else None


def _phone_by_name(email: str, text: str) -> str | None:
    """The number that stands behind the surname of the address elsewhere."""
    names = [part for part in re.split(r"[._\d-]", email.partition("@")[0]) if part]
    surname = names[-1] if names else ""
    if len(surname) < _SURNAME_LETTERS:
        return None
    for found in re.finditer(rf"{re.escape(surname)}\b|{re.escape(surname[1:])}\b", text, re.I):
        phone = _PHONE.search(text, found.end(), found.end() + _ABOUT_NAME)
        if phone:
            return phone.group()
    return None


def _form_contact(page: Page) -> Iterator[Contact]:
    """The person to call on the front of a standard form."""
    if "INFORMATION CALL" not in page.text.upper():
        return
    before: Line | None = None
    for line in page.lines:
        if _PHONE.fullmatch(line.text.strip()):
            yield Contact(
                before.text if before else None, None, re.sub(r"[. ]", "-", line.text.strip("() "))
            )
            return
        before = line


def _name_of(email: str, text: str) -> str | None:
    """The person in the text whom the address is made of: nobody is guessed from it alone."""
    local = _letters(email.partition("@")[0])
    for found in _PERSON.finditer(text):
        name = " ".join(found[1].split())
        first, surname = (_letters(name.split()[at]) for at in (0, -1))
        if len(surname) >= _SURNAME_LETTERS and local in _spellings(first, surname, name):
            return name.title() if name.isupper() else name
    return None


def _spellings(first: str, surname: str, whole: str) -> frozenset[str]:
    initial = first[:1]
    made = {first + surname, surname + first, initial + surname, surname + initial, _letters(whole)}
    return frozenset(made)


def _letters(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalpha())


def _name(text: str) -> str | None:
    """A line that is a person's name."""
    plain = text.strip()
    return plain if re.fullmatch(r"[A-Z][\w'.-]+(?: [A-Z][\w'.-]*){1,3}", plain) else None
