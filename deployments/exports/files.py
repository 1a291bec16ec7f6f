"""Which files a matrix can be had as, and how each is answered."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal
from urllib.parse import quote

from fastapi.responses import Response

from deployments.exports.pdf import to_pdf
from deployments.exports.spreadsheets import to_csv, to_xlsx
from deployments.exports.word import to_docx
from deployments.matrix_desk import OpenMatrix
from domain.matrix_filter import MatrixFilter
from domain.matrix_table import matrix_table

Format = Literal["xlsx", "docx", "csv", "pdf"]
Table = Sequence[tuple[str, ...]]
Write = Callable[[str, Table], Awaitable[bytes]]

_OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, slots=True)
class Kind:
    media_type: str
    write: Write


def _on_thread(write: Callable[[str, Table], bytes]) -> Write:
    async def write_beside(title: str, table: Table) -> bytes:
        return await asyncio.to_thread(write, title, table)

    return write_beside


FORMATS: dict[Format, Kind] = {
    "xlsx": Kind(f"{_OFFICE}.spreadsheetml.sheet", _on_thread(to_xlsx)),
    "docx": Kind(f"{_OFFICE}.wordprocessingml.document", _on_thread(to_docx)),
    "csv": Kind("text/csv", _on_thread(to_csv)),
    "pdf": Kind("application/pdf", to_pdf),
}


async def export(matrix: OpenMatrix, wanted: MatrixFilter, as_format: Format) -> Response:
    """Always a download, under a name that can't be a path. Raises `Unavailable`."""
    kind = FORMATS[as_format]
    table = matrix_table(wanted.of(matrix.rows), matrix.links)
    content = await kind.write(f"Compliance matrix of {matrix.document.name}", table)
    name = f"{PurePath(matrix.document.name).stem or 'document'}-matrix.{as_format}"
    plain = re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(
        content, media_type=kind.media_type, headers={"content-disposition": disposition}
    )
