"""The style sheet of a report: light or dark as the reader's system is, and fit for paper."""

from collections.abc import Mapping

LIGHT = {
    "page": "#f6f7f9",
    "card": "#fff",
    "ink": "#1b2330",
    "soft": "#5b6677",
    "line": "#e1e5eb",
    "blue": "#2563eb",
    "green": "#15803d",
    "amber": "#b45309",
    "red": "#b91c1c",
    "violet": "#7c3aed",
    "done": "#16a34a",
    "review": "#8b5cf6",
    "in_progress": "#2563eb",
    "todo": "#64748b",
    "backlog": "#cbd5e1",
    "on-bar": "#fff",
}
DARK = {
    "page": "#0f141b",
    "card": "#18202b",
    "ink": "#e6eaf0",
    "soft": "#9aa6b6",
    "line": "#2a3442",
    "blue": "#7aa7ff",
    "green": "#4ade80",
    "amber": "#fbbf24",
    "red": "#f87171",
    "violet": "#c4a7ff",
    "done": "#22a355",
    "review": "#8f6be8",
    "in_progress": "#3f76e6",
    "todo": "#64748b",
    "backlog": "#475569",
}
PAPER = LIGHT | {"page": "#fff", "ink": "#000", "soft": "#444", "line": "#bbb"}


def _root(colours: Mapping[str, str]) -> str:
    return ":root{" + ";".join(f"--{name}:{value}" for name, value in colours.items()) + "}"


COLOURS = (
    ":root{color-scheme:light dark}"
    + _root(LIGHT)
    + "\n@media (prefers-color-scheme:dark){"
    + _root(DARK)
    + "}\n"
)

CHARTS = """
.chart{display:block;width:100%;height:auto;font:12px ui-sans-serif,system-ui,"Segoe UI",sans-serif}
.chart text{fill:var(--soft)}.chart .in-bar{fill:var(--on-bar);font-weight:600}
.chart .grid{stroke:var(--line)}.chart .axis{stroke:var(--soft)}
.chart .ideal{fill:none;stroke:var(--soft);stroke-width:1.5;stroke-dasharray:6 5}
.chart .actual{fill:none;stroke:var(--blue);stroke-width:2.5;stroke-linejoin:round}
.chart .area{fill:var(--blue);fill-opacity:.12}.chart .dot{fill:var(--blue);stroke:var(--card);stroke-width:1}
.chart .today{stroke:var(--amber);stroke-dasharray:2 3}
.chart .grow{fill:var(--red)}.chart .shrink{fill:var(--green)}
.chart .median{stroke:var(--green)}.chart .p85{stroke:var(--amber);stroke-dasharray:6 4}
.chart .mark{fill:var(--ink)}.chart .done{fill:var(--done)}.chart .review{fill:var(--review)}
.chart .in_progress{fill:var(--in_progress)}.chart .todo{fill:var(--todo)}.chart .backlog{fill:var(--backlog)}
.chart .backlog+.in-bar{fill:#1b2330}
"""

PAGE = (
    COLOURS
    + CHARTS
    + """
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 ui-sans-serif,system-ui,-apple-system,
"Segoe UI",Roboto,"Noto Sans",sans-serif}main{max-width:1080px;margin:0 auto;padding:32px 20px 48px}
header h1{margin:0;font-size:30px;line-height:1.2;letter-spacing:-.01em;overflow-wrap:anywhere}
header p{margin:6px 0 0;color:var(--soft)}
.over{font-size:13px;font-weight:600;letter-spacing:.06em;text-transform:uppercase;color:var(--soft);
margin:0 0 4px!important}
.badge{display:inline-block;padding:1px 10px;border:1px solid currentColor;border-radius:99px;
font-size:13px;font-weight:600;color:var(--blue);margin-right:6px}.badge.completed{color:var(--green)}
.badge.cancelled{color:var(--soft)}
section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:18px 20px;
margin-top:18px}h2{font-size:17px;margin:0 0 12px}h3{font-size:14px;margin:14px 0 6px}p{margin:0 0 8px}
.soft{color:var(--soft)}
.facts{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;padding:0;border:0;background:none;
margin-top:22px}
.facts div{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:12px 14px}
.facts dt{font-size:13px;color:var(--soft)}.facts dd{margin:0}
.facts .value{font-size:22px;font-weight:650;line-height:1.25}
.facts .detail{font-size:13px;color:var(--soft)}.good{color:var(--green)}.fair{color:var(--amber)}
.poor{color:var(--red)}
.board{display:grid;grid-auto-flow:column;grid-auto-columns:minmax(0,1fr);gap:12px;margin-top:14px}
.board h3{margin:0 0 8px;display:flex;justify-content:space-between;border-top:4px solid;padding-top:8px}
.board h3.done{border-color:var(--done)}.board h3.review{border-color:var(--review)}
.board h3.in_progress{border-color:var(--in_progress)}.board h3.todo{border-color:var(--todo)}
.board h3.backlog{border-color:var(--backlog)}.board h3 span{font-weight:400;color:var(--soft)}
.board ul{list-style:none;margin:0;padding:0}
.card{border:1px solid var(--line);border-radius:10px;padding:8px 10px;margin-bottom:8px;break-inside:avoid;
overflow-wrap:anywhere;font-size:14px;line-height:1.35}
.card .id{font:12px ui-monospace,Menlo,Consolas,monospace;color:var(--soft)}
.card .meta{font-size:12.5px;color:var(--soft);margin-top:4px}
.card.blocked{border-left:4px solid var(--red)}.flag{font-weight:600;color:var(--red)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:14px}
caption{text-align:left;color:var(--soft);font-size:13px;padding-bottom:6px}
th,td{text-align:left;vertical-align:top;padding:6px 10px 6px 0;border-bottom:1px solid var(--line);
overflow-wrap:anywhere}th{font-size:12.5px;color:var(--soft);font-weight:600;white-space:nowrap}
tbody tr:last-child>*{border-bottom:0}tbody th{color:inherit;font-size:13px}
tbody th.id{font:12.5px ui-monospace,Menlo,Consolas,monospace}
td.n,th.n{text-align:right;padding-right:20px;font-variant-numeric:tabular-nums;white-space:nowrap}
td.when{white-space:nowrap;font-variant-numeric:tabular-nums;color:var(--soft)}
.goals{list-style:none;padding:0;margin:0}
.goals li{padding:3px 0 3px 28px;position:relative;overflow-wrap:anywhere}
.goals li::before{content:"○";position:absolute;left:4px;color:var(--soft)}
.goals li.reached::before{content:"✓";color:var(--green);font-weight:700}
.key{font-size:13px;color:var(--soft);margin-top:6px}
.retro{display:grid;grid-template-columns:repeat(3,1fr);gap:18px}.retro ul{margin:0;padding-left:18px}
details{margin-top:8px;font-size:14px}summary{cursor:pointer;color:var(--soft)}
footer{color:var(--soft);font-size:13px;margin-top:24px;overflow-wrap:anywhere}
@media (max-width:760px){section{overflow-x:auto}.chart{min-width:600px}
.facts{grid-template-columns:repeat(2,1fr)}.board{grid-auto-flow:row}
.retro{grid-template-columns:1fr}}
@media print{"""
    + _root(PAPER)
    + """body{font-size:11pt}
main{max-width:none;padding:0}section,.facts div{break-inside:avoid;border-radius:6px}section.long{break-inside:auto}
tr{break-inside:avoid}thead{display:table-header-group}
.bar,.chart *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""
)
