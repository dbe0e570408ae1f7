"""A report as one page of HTML that needs nothing else: no script, no picture, no font, no address.

The page forbids the browser to load or run anything, should something get through.
"""

from collections.abc import Mapping
from typing import Any

from orchestration.views import report_sections as sections
from orchestration.views.report_drawing import text
from orchestration.views.report_style import PAGE
from orchestration.views.report_words import facts, minute, span, title

_SECTIONS = (
    sections.goals,
    sections.burndown,
    sections.board,
    sections.cycle_times,
    sections.blockers,
    sections.risks,
    sections.decisions,
    sections.retro,
    sections.changes,
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(document: Mapping[str, Any]) -> str:
    """Return the report as a whole page."""
    sprint = document["sprint"]
    name = text(title(document))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{name} – {text(document['project'])}</title>\n<style>{PAGE}</style>\n</head>\n<body>\n<main>\n"
        f'<header>\n<p class="over">Sprint report · {text(document["project"])}</p>\n<h1><bdi>{name}</bdi></h1>\n'
        f'<p><span class="badge {text(sprint["status"])}">{text(sprint["status"])}</span> {text(span(document))}</p>\n'
        f"</header>\n{_facts(document)}\n"
        + "\n".join(filter(None, (section(document) for section in _SECTIONS)))
        + f"\n<footer>As of {minute(document['at'])} UTC, commit {text((document['revision'] or 'none')[:12])}. "
        "Every figure is computed from the recorded state and its history.</footer>\n</main>\n</body>\n</html>\n"
    )


def _facts(document: Mapping[str, Any]) -> str:
    cells = [
        f'<div><dt>{text(one.label)}</dt><dd class="value {one.tone}">{text(one.value)}</dd>'
        f'<dd class="detail">{text(one.detail)}</dd></div>'
        for one in facts(document)
    ]
    return f'<dl class="facts">{"".join(cells)}</dl>'
