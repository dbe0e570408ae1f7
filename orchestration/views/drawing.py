"""Pages laid out for a terminal of so many columns: lines of spans, no colours yet."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len

from orchestration.views import layout
from orchestration.views.cells import Paper, Spans, cut, cut_line, measure, stripped, wrapped
from orchestration.views.kanban import kanban
from orchestration.views.layout import Bars, Body, Chart, Kanban, Line, Lines, Page, Section
from orchestration.views.tables import Details, Table, prefixes
from orchestration.views.theme import STYLES

_NARROWEST_CELL = 8
_SIDE_BY_SIDE = 120
_BAR = 20


def drawn(shown: Page | Table | Details, paper: Paper) -> list[Spans]:
    """Return the lines of a page, a table or a record."""
    if isinstance(shown, Page):
        return page(shown, paper)
    return table(shown, paper) if isinstance(shown, Table) else details(shown, paper)


def page(shown: Page, paper: Paper) -> list[Spans]:
    """Return the lines of a page."""
    lines = [one for line in shown.head for one in wrapped(line, paper, paper.width)]
    for group in _groups(shown.sections, paper.width):
        lines.append([])
        used = len(lines) + len(shown.foot) + 1
        left = None if paper.height is None else max(paper.height - used, 4)
        if len(group) == 1:
            lines += _section(group[0], paper._replace(height=left))
        else:
            lines += _two_columns(group, paper._replace(height=left))
    if shown.foot:
        lines += [[], *(one for line in shown.foot for one in wrapped(line, paper, paper.width))]
    while lines and not lines[0]:
        del lines[0]
    return [stripped(line) for line in lines]


def table(shown: Table, paper: Paper) -> list[Spans]:
    """Return the lines of a table: the last columns give way first, the first never."""
    if not shown.rows:
        return [[(paper.say(shown.empty), "")]]
    rows = [tuple(map(paper.say, row)) for row in [shown.columns, *shown.rows]]
    wides = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    if sum(wides) + 2 * (len(wides) - 1) > paper.width and shown.ids:
        short = prefixes([row[0] for row in rows[1:]])
        rows = [rows[0], *((short[row[0]], *row[1:]) for row in rows[1:])]
        wides[0] = max(cell_len(row[0]) for row in rows)
    wides = fitted(wides, paper.width)
    too_wide = sum(wides) + 2 * (len(wides) - 1) > paper.width
    lines: list[Spans] = []
    for number, row in enumerate(rows):
        line: Spans = []
        for place, (cell, wide) in enumerate(zip(row, wides, strict=True)):
            style = "column" if number == 0 else cell if cell in STYLES else ""
            text = cut(cell, wide, paper)
            gap = wide - cell_len(text) + 2 if place < len(row) - 1 else 0
            line += [(text, style), (" " * gap, "")] if style else [(text + " " * gap, "")]
        lines.append(cut_line(line, paper, paper.width) if too_wide else line)
    return lines


def details(shown: Details, paper: Paper) -> list[Spans]:
    """Return the lines of named values, none of them cut."""
    wide = max((cell_len(name) for name, _ in shown.rows), default=0)
    rows: list[Spans] = [
        [(f"{name}:{' ' * (wide - cell_len(name))} ", "muted"), (paper.say(text), text)]
        for name, text in shown.rows
    ]
    styles = shown.styles or [""] * len(shown.lines)
    return rows + [[(paper.say(line), style)] for line, style in zip(shown.lines, styles, strict=True)]


def fitted(wides: Sequence[int], columns: int) -> list[int]:
    """Return the widths that fit into so many columns: the last gives way first, the first never."""
    found = list(wides)
    over = sum(found) + 2 * (len(found) - 1) - columns
    for number in [len(found) - 1, *range(len(found) - 2, 0, -1)]:
        given = max(0, min(over, found[number] - _NARROWEST_CELL))
        found[number] -= given
        over -= given
    return found


def _groups(sections: Iterable[Section], width: int) -> Iterator[list[Section]]:
    """Yield the sections that stand below each other, and together those that share the width."""
    group: list[Section] = []
    for section in sections:
        if section.wide or width < _SIDE_BY_SIDE:
            if group:
                yield group
                group = []
            yield [section]
        else:
            group.append(section)
    if group:
        yield group


def _two_columns(sections: list[Section], paper: Paper) -> list[Spans]:
    """Return sections in two columns of about the same height, in their order."""
    gap = 4
    half = (paper.width - gap) // 2
    blocks = [_section(section, paper._replace(width=half)) for section in sections]
    heights = [len(block) + 1 for block in blocks]
    split = min(range(1, len(blocks) + 1), key=lambda n: max(sum(heights[:n]), sum(heights[n:])))
    sides = []
    for part in (blocks[:split], blocks[split:]):
        side: list[Spans] = []
        for block in part:
            side += [*([[]] if side else []), *block]
        sides.append(side)
    return [_beside(left, right, half + gap) for left, right in zip_longest(*sides, fillvalue=[])]


def _beside(left: Spans, right: Spans, width: int) -> Spans:
    if not right:
        return left
    return [*left, (" " * (width - measure(left)), ""), *right]


def _section(section: Section, paper: Paper) -> list[Spans]:
    head = [cut_line([(section.title, "heading")], paper, paper.width)] if section.title else []
    return head + _body(section.body, paper._replace(height=paper.height and paper.height - len(head)))


def _body(body: Body, paper: Paper) -> list[Spans]:
    if isinstance(body, Lines):
        if not body.lines:
            return wrapped([(body.empty, "muted")], paper, paper.width) if body.empty else []
        if not body.wraps:
            return [cut_line(line, paper, paper.width) for line in body.lines]
        return [one for line in body.lines for one in wrapped(line, paper, paper.width)]
    if isinstance(body, Bars):
        return _bars(body, paper)
    if isinstance(body, Kanban):
        return kanban(body, paper)
    if isinstance(body, Chart):
        return [cut_line(line, paper, paper.width) for line in body.draw(paper.width)]
    if isinstance(body, Table):
        return table(body, paper)
    return details(body, paper)


# -- bars


def _bars(body: Bars, paper: Paper) -> list[Spans]:
    if not body.rows:
        return [[(body.empty, "muted")]]
    label = max(cell_len(paper.say(bar.label)) for bar in body.rows)
    label = min(label, max(paper.width // 3, _NARROWEST_CELL))
    share = max(len(layout.percent(bar.share)) for bar in body.rows)
    word = share + 1 + max(len(bar.word) for bar in body.rows)
    note = max(cell_len(paper.say(bar.note)) for bar in body.rows)
    size = max(5, min(_BAR, paper.width - label - word - note - 6))
    lines = []
    for bar in body.rows:
        name = cut(paper.say(bar.label), label, paper)
        said = f"{layout.percent(bar.share):>{share}} {bar.word}"
        full = 0 if not bar.share else max(1, min(size, round(bar.share * size)))
        line: Line = [
            name + " " * (label - cell_len(name) + 2),
            ("█" * full, bar.word),
            ("░" * (size - full), "muted"),
            "  ",
            (said, bar.word),
            " " * (word - len(said) + 2),
            (bar.note, "muted"),
        ]
        lines.append(cut_line(line, paper, paper.width))
    return lines
