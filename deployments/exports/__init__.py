"""Compliance matrices as files: XLSX, DOCX, CSV, PDF."""
