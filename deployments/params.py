"""What a request may carry beside what its route is about."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict


class Nothing(BaseModel):
    """A route without parameters refuses those that it is given, so that no typo goes unseen."""

    model_config = ConfigDict(extra="forbid")


class NextPage(BaseModel):
    """Where one was going when the hub asked who one is."""

    model_config = ConfigDict(extra="forbid")

    next: str = "/"

    def spelled(self) -> str:
        return urlencode({"next": self.next})


Onward = Annotated[NextPage, Query()]
NoQuery = Annotated[Nothing, Query()]
NoticeId = Annotated[str, Path(max_length=128, examples=["f3c1a6b0e6f54f0c9e6f1d5b7a9c2e11"])]
DocumentId = Annotated[UUID, Path(examples=["1f0e8a52-6f0c-5b86-9a53-0e6f6f2d6a11"])]
