"""What in a query is a number that names one thing: a solicitation, a notice, a stock item."""

import re

_STOCK_NUMBER = re.compile(r"\b(\d{4})-?(\d{2})-?(\d{3})-?(\d{4})\b")
_EXCLUDED = re.compile(r'(?:^|(?<=\s))-(?:"[^"]*"|\S+)')
_IDENTIFIER = re.compile(r"^(?=.*\d)[A-Z0-9]{6,40}$")


def identifiers(words: str) -> tuple[str, ...]:
    """Solicitation numbers, notice ids or beginnings of either: capitals without hyphens."""
    tokens = (token.replace("-", "").upper() for token in words.split())
    return tuple(token for token in tokens if _IDENTIFIER.match(token))


def with_both_spellings(words: str) -> str:
    """For `websearch_to_tsquery`: a national stock number is written with hyphens or without."""
    return _STOCK_NUMBER.sub(r'\1\2\3\4 or "\1-\2-\3-\4"', words)


def bare_words(words: str) -> str:
    """For an index that knows words alone: without what is excluded and without operators."""
    wanted = _EXCLUDED.sub("", words).replace('"', " ").split()
    told = " ".join(word for word in wanted if word.lower() != "or")
    return _STOCK_NUMBER.sub(r"\1\2\3\4 \1-\2-\3-\4", told)
