"""Lines of aligned cells without a frame, for pages that are read from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from losscli.schema.text import printable

if TYPE_CHECKING:
    from rich.table import Table


def grid(rows: Sequence[Sequence[str]], styles: Sequence[str] = ()) -> Table:
    """Cells below each other; on a narrow terminal they are folded, and nothing is cut."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for at in range(max(map(len, rows), default=0)):
        table.add_column(overflow="fold", style=styles[at] if at < len(styles) else None)
    for row in rows:
        table.add_row(*map(printable, row))
    return table
