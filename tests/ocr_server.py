"""A small HTTP server that answers like Mistral's OCR, and notes what it was asked."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from cluster.settings_ocr import OcrSettings

KEY = "mistral-key-of-a-test"


@dataclass
class OcrServer:
    """`statuses` are answered first, one by one; `answer` replaces the whole body."""

    markdown: str = "The contractor shall deliver"
    statuses: list[int] = field(default_factory=list)
    answer: Any = None
    pause_s: float = 0.0
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    url: str = ""

    def settings(self, timeout_s: float = 5.0) -> OcrSettings:
        return OcrSettings(
            mistral_api_key=SecretStr(KEY), mistral_url=self.url, timeout_s=timeout_s
        )

    @property
    def pictures(self) -> list[bytes]:
        urls = [asked["document"]["image_url"] for asked in self.asked]
        return [base64.b64decode(url.removeprefix("data:image/png;base64,")) for url in urls]

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        self.keys.append(request.headers.get("Authorization", ""))
        await asyncio.sleep(self.pause_s)
        if self.statuses:
            status = self.statuses.pop(0)
            elsewhere = {"Location": f"{self.url}/elsewhere"} if status == 307 else {}
            return web.json_response({"message": "no"}, status=status, headers=elsewhere)
        return web.json_response(self.answer or _answer(self.markdown))


def _answer(markdown: str) -> dict[str, Any]:
    page = {
        "index": 0,
        "markdown": markdown,
        "images": [],
        "dimensions": {"dpi": 200, "height": 2200, "width": 1700},
        "confidence_scores": {"average_page_confidence_score": 0.97},
    }
    usage = {"pages_processed": 1, "doc_size_bytes": 10_000}
    return {"pages": [page], "model": "mistral-ocr-2505", "usage_info": usage}


@asynccontextmanager
async def serving() -> AsyncIterator[OcrServer]:
    server = OcrServer()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/ocr", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()
