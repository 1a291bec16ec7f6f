"""Reads born-digital documents into pages of lines: PDF, DOCX, plain text."""

from cluster.engines.reading.reader import read_pages

__all__ = ["read_pages"]
