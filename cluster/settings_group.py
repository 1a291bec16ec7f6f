"""What every group of settings is."""

from pydantic import BaseModel


class Group(BaseModel, frozen=True, extra="forbid"):
    """One group of settings. A name that it does not know stops the start."""
