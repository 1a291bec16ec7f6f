"""Memory that a process holds and does not use."""

import ctypes


def give_back() -> None:
    """What a piece of work needed for a moment glibc keeps, hundreds of MB of it: milliseconds."""
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)
