"""Which notices are medical, by their codes. The lists are SAM.gov facts, not opinions."""

_NAICS = (
    *(str(code) for code in range(325411, 325415)),
    *(str(code) for code in range(339112, 339117)),
    "423450",
    "423460",
    "424210",
    "456110",
    "532283",
    "541380",
    *(str(code) for code in range(541713, 541716)),
    "562112",
    "562211",
    "621511",
    "621512",
    "621910",
    "621991",
    "622",
    "623",
)
_PSC = ("65", "Q")


def is_medical(naics: str | None, psc: str | None) -> bool:
    """Hospital and nursing groups count whole; a code too short to tell says nothing."""
    return (naics or "").startswith(_NAICS) or (psc or "").upper().startswith(_PSC)
