"""What the sections of a report's page are made of.

Whatever people wrote goes through `text` or `words`: `<script>` is then seven letters and two signs.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from orchestration.views.report_drawing import text

Cell = Callable[[Mapping[str, Any]], str]


def section(heading: str, *parts: str, long: bool = False) -> str:
    """Return a section under a heading; a `long` one may go on over several pages of paper."""
    inside = "\n".join(filter(None, parts))
    return f"<section{' class=long' if long else ''}>\n<h2>{text(heading)}</h2>\n{inside}\n</section>"


def none(said: str) -> str:
    """Return a sentence that says that there is nothing."""
    return f'<p class="soft">{text(said)}</p>'


def table(caption: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[tuple[str, str, Cell]]) -> str:
    """Return a table; a column is its heading, a class (n for numbers) and what makes its cells."""
    head = "".join(f'<th scope="col" class="{kind}">{text(name)}</th>' for name, kind, _ in columns)
    body = []
    for row in rows:
        first, *others = columns
        cells = f'<th scope="row" class="{first[1]}">{first[2](row)}</th>'
        cells += "".join(f'<td class="{kind}">{cell(row)}</td>' for _, kind, cell in others)
        body.append(f"<tr>{cells}</tr>")
    return (
        f'<div class="scroll"><table><caption>{text(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def words(value: Any) -> str:
    """Return what a person wrote, kept from reordering what stands around it; a dash for nothing."""
    return f"<bdi>{text(value)}</bdi>" if value not in (None, "") else "–"
