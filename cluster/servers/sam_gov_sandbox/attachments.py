"""Files behind `resourceLinks`: small, invented, and always the same for the same link."""

_KINDS = (
    ("Statement of Work § 3.pdf", b"%PDF-1.4\n% an empty document\n%%EOF\n"),
    ("Price schedule.txt", b"Line 0001: quantity, unit, price\n"),
    ("Attachment 1.zip", b"PK\x05\x06" + bytes(18)),
)


def attachment(key: str) -> tuple[str, bytes]:
    """The name as uploaded, and the content."""
    return _KINDS[sum(key.encode()) % len(_KINDS)]
