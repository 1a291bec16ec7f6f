"""Key facts of a solicitation."""

from collections.abc import Sequence

from domain.pages import Page
from domain.requirements.blocks import Block
from domain.requirements.models import KeyFacts


def facts_of(pages: Sequence[Page], blocks: Sequence[Block]) -> KeyFacts:
    return KeyFacts()
