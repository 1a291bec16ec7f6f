"""The Serve applications, deployed through a Ray dashboard's REST interface."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

SERVE_CONFIG = Path(__file__).parents[2] / "serve_config.yaml"
_PATH = "/api/serve/applications/"
_FAILED = frozenset({"DEPLOY_FAILED", "UNHEALTHY"})
_FIRST_ANSWER_S = 120.0


@dataclass(frozen=True, slots=True)
class Application:
    """As Serve tells of it: `status` is `RUNNING`, `DEPLOYING`, `DEPLOY_FAILED` and so on."""

    name: str
    status: str
    message: str

    @property
    def runs(self) -> bool:
        return self.status == "RUNNING"

    @property
    def failed(self) -> bool:
        return self.status in _FAILED


def serve_config(*, host: str | None = None, port: int | None = None) -> dict[str, Any]:
    """What `serve_config.yaml` says, at this address instead where one is given."""
    config: dict[str, Any] = yaml.safe_load(SERVE_CONFIG.read_text(encoding="utf-8"))
    told = {"host": host, "port": port}
    config["http_options"].update({key: value for key, value in told.items() if value})
    return config


class ServeClient:
    """Raises `httpx.HTTPError` where the dashboard is away or refuses."""

    def __init__(self, dashboard: str, token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.AsyncClient(
            base_url=dashboard, headers=headers, timeout=15.0, trust_env=False
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def deploy(self, config: dict[str, Any]) -> None:
        """Tell Serve what is wanted. Returns before it is so; the same again changes nothing.

        The first time, Ray starts Serve's controller before it answers.
        """
        answer = await self._client.put(_PATH, json=config, timeout=_FIRST_ANSWER_S)
        if answer.is_error:
            raise httpx.HTTPError(f"Serve refuses the configuration: {answer.text[:500]}")

    async def applications(self) -> dict[str, Application]:
        """Those deployed, by name. Empty where Serve does not run."""
        answer = await self._client.get(_PATH)
        answer.raise_for_status()
        return {
            name: Application(name, told["status"], _reason(told))
            for name, told in answer.json().get("applications", {}).items()
        }


def _reason(told: dict[str, Any]) -> str:
    """The application's own message, else the first of its deployments'. One line."""
    messages = [told.get("message", "")]
    messages += [deployment.get("message", "") for deployment in told["deployments"].values()]
    found = next((message for message in messages if message), "")
    lines = [line.strip() for line in found.splitlines() if line.strip()]
    return lines[-1][:500] if lines else ""
