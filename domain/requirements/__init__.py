"""The requirement extractor: rules over the lines of a solicitation."""

from domain.requirements.extract import extract
from domain.requirements.models import Extraction, KeyFacts, Requirement

__all__ = ["Extraction", "KeyFacts", "Requirement", "extract"]
