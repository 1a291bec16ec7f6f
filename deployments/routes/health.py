"""Is this replica alive, and can it answer? For probes and for `mch up`."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from deployments.guard import anyone

router = APIRouter(prefix="/health", tags=["health"], dependencies=[Depends(anyone)])


class Liveness(BaseModel):
    alive: bool = True


@router.get("/live")
async def live() -> Liveness:
    """Asks nothing of anyone: a replica that answers is alive."""
    return Liveness()
