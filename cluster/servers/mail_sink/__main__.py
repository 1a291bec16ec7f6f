"""Start the sink: `python -m cluster.servers.mail_sink --port 2525 --data DIR`."""

import argparse
import asyncio
import signal
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from cluster.servers.mail_sink.box import MailBox
from cluster.servers.ports import LOOPBACK

MAX_MAIL_BYTES = 1024 * 1024


class Keep:
    """Takes every mail over, and delivers none."""

    def __init__(self, box: MailBox) -> None:
        self._box = box

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.original_content or b""
        await asyncio.to_thread(self._box.put, content)
        return "250 OK, and it goes no further"


async def serve(port: int, data: Path) -> None:
    """Until SIGTERM."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stopped.set)
    keep = Keep(MailBox(data))

    def answer() -> Any:
        return SMTP(keep, data_size_limit=MAX_MAIL_BYTES, enable_SMTPUTF8=True, ident="sink")

    async with await loop.create_server(answer, LOOPBACK, port):
        await stopped.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="A mail server that delivers nothing")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="where mails are kept")
    asked = parser.parse_args()
    asyncio.run(serve(asked.port, asked.data))


if __name__ == "__main__":
    main()
