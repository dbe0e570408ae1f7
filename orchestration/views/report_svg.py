"""A report as one picture: its head, the bar of the columns, and the burndown.

The colours are written out: not every program that shows SVG knows variables.
"""

import re
from collections.abc import Mapping
from typing import Any

from orchestration.views import report_charts
from orchestration.views.report_drawing import text
from orchestration.views.report_style import CHARTS, LIGHT
from orchestration.views.report_words import Fact, clean, facts, minute, span, title
from orchestration.views.tables import width

_WIDE, _MARGIN, _GAP = 1080, 40, 16
_HEAD = """
svg text{font-family:ui-sans-serif,system-ui,"Segoe UI",sans-serif;fill:var(--ink)}.page{fill:var(--page)}
.box{fill:var(--card);stroke:var(--line)}.h1{font-size:30px;font-weight:700}.soft{fill:var(--soft)!important;font-size:14px}
.small{fill:var(--soft)!important;font-size:12.5px}.value{font-size:22px;font-weight:650}
.good{fill:var(--green)!important}.fair{fill:var(--amber)!important}.poor{fill:var(--red)!important}
"""


def page(document: Mapping[str, Any]) -> str:
    """Return the report as an SVG file."""
    inner = _WIDE - 2 * _MARGIN
    sprint = document["sprint"]
    parts = [
        _words("soft", _MARGIN, 48, f"Sprint report · {clean(document['project'])}"),
        _words("h1", _MARGIN, 84, _cut(title(document), 58)),
        _words("soft", _MARGIN, 112, f"{sprint['status']} · {span(document)}"),
    ]
    wide = (inner - 3 * _GAP) / 4
    for number, fact in enumerate(facts(document)):
        x, y = _MARGIN + number % 4 * (wide + _GAP), 136 + number // 4 * 104
        parts += _card(fact, round(x, 1), y, round(wide, 1))
    y = 136 + 2 * 104 + 8
    bar, chart = report_charts.columns(document["board"]), report_charts.burndown(document["burndown"])
    if bar:
        parts.append(_placed(bar, y, inner, 34))
        y += 34 + 24
    else:
        parts.append(_words("soft", _MARGIN, y + 16, "This sprint has no tasks."))
        y += 40
    if chart:
        parts.append(_words("soft", _MARGIN, y + 8, "Burndown: points left (solid) and the ideal (dashed)"))
        parts.append(_placed(chart, y + 20, inner, report_charts.HEIGHT))
        y += 20 + report_charts.HEIGHT
    else:
        need = document["figures"]["needs"].get("burndown", "needs a started sprint with dates and points")
        parts.append(_words("soft", _MARGIN, y + 8, f"There is no burndown yet: {need}."))
        y += 20
    told = f"As of {minute(document['at'])} UTC, commit {(document['revision'] or 'none')[:12]}"
    parts.append(_words("small", _MARGIN, y + 28, told))
    height = y + 52
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {height}" width="{_WIDE}" height="{height}"'
        f' role="img" aria-labelledby="report-t"><title id="report-t">{text(title(document))}</title>'
        f'<style>{_resolved(CHARTS + _HEAD)}</style><rect class="page" width="{_WIDE}" height="{height}"/>'
        f"{''.join(parts)}</svg>\n"
    )


def _card(fact: Fact, x: float, y: float, wide: float) -> list[str]:
    room = int(wide / 6.6)
    first, second = _lines(fact.detail, room)
    return [
        f'<rect class="box" x="{x}" y="{y}" width="{wide}" height="92" rx="12"/>',
        _words("small", x + 14, y + 22, fact.label),
        _words(f"value {fact.tone}".strip(), x + 14, y + 47, _cut(fact.value, int(wide / 13))),
        _words("small", x + 14, y + 66, first),
        _words("small", x + 14, y + 82, second),
    ]


def _lines(said: str, room: int) -> tuple[str, str]:
    """Return words on two lines of so many columns, the rest cut."""
    if width(said) <= room:
        return said, ""
    at = said.rfind(" ", 0, room)
    at = at if at > 0 else room
    return said[:at], _cut(said[at:].strip(), room)


def _cut(said: str, room: int) -> str:
    if width(said) <= room:
        return said
    while said and width(said) > room - 1:
        said = said[:-1]
    return said.rstrip() + "…"


def _words(kind: str, x: float, y: float, said: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{text(said)}</text>' if said else ""


def _placed(chart: str, y: float, wide: int, height: int) -> str:
    return chart.replace("<svg ", f'<svg x="{_MARGIN}" y="{y}" width="{wide}" height="{height}" ', 1)


def _resolved(css: str) -> str:
    return re.sub(r"var\(--([a-z_-]+)\)", lambda found: LIGHT[found[1]], css)
