"""How a report looks: in a browser, light or dark, and on paper."""

SCREEN = """
:root { color-scheme: light dark; --ink: #1a1f27; --soft: #5d6875; --line: #dde2e8;
  --paper: #ffffff; --back: #f4f6f8; --mark: #e8f0f7; --link: #0069a5; --bad: #a34700; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #a6b0bd; --line: #3a424d;
  --paper: #1d2229; --back: #14181d; --mark: #22384a; --link: #6cb9ec; --bad: #f0a35e; } }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
main { max-width: 1020px; margin: 0 auto; padding: 24px 32px 64px; background: var(--paper); }
h1 { font-size: 1.7em; line-height: 1.2; margin: 0.4em 0 0.2em; }
h2 { font-size: 1.25em; margin: 2em 0 0.5em; padding-bottom: 4px;
  border-bottom: 1px solid var(--line); }
h3 { font-size: 1em; margin: 1.4em 0 0.3em; }
p { margin: 0.5em 0; } ul { margin: 0.5em 0; padding-left: 1.4em; } a { color: var(--link); }
nav { margin: 1em 0; } .lead { font-size: 1.1em; font-weight: 600; }
.note { color: var(--soft); } .warning { color: var(--bad); }
.warning::before { content: "\\26A0\\00A0"; }
table { border-collapse: collapse; margin: 1em 0; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: 4px; }
th, td { padding: 4px 10px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top;
  text-align: left; }
th { font-weight: 600; } .number { text-align: right; }
tr.marked td { background: var(--mark); font-weight: 600; }
table.facts th { width: 15em; font-weight: 400; color: var(--soft); }
table.facts td { overflow-wrap: anywhere; }
table.pictures, table.pictures td { border: 0; padding: 0 4px 0 0; }
figure { margin: 0; } figure svg { width: 100%; height: auto; border-radius: 4px; }
pre { background: var(--back); padding: 10px 12px; border-radius: 5px; overflow-x: auto;
  font: 13px/1.45 ui-monospace, Consolas, "DejaVu Sans Mono", monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; }
@media (max-width: 720px) { main { padding: 16px; } table { display: block; overflow-x: auto; }
  table.pictures td { display: block; } }
@media print { body, main { background: none; } nav { display: none; } h2, h3 {
  break-after: avoid; } tr, figure, pre { break-inside: avoid; }
  main { max-width: none; padding: 0; } }
"""

# For Qt's text documents, which know tables and fonts and little else.
PAPER = """
body { font-family: "Noto Sans", "DejaVu Sans", Arial, sans-serif; font-size: 9pt;
  color: #1a1f27; }
h1 { font-size: 17pt; margin-bottom: 2px; } h2 { font-size: 13pt; margin-top: 18px;
  margin-bottom: 4px; }
h3 { font-size: 10pt; margin-top: 10px; margin-bottom: 2px; }
p { margin-top: 3px; margin-bottom: 3px; } .lead { font-size: 10.5pt; font-weight: bold; }
.note { color: #5d6875; } .warning { color: #a34700; } a { color: #0069a5; text-decoration: none; }
caption { color: #5d6875; text-align: left; margin-top: 9px; }
th { font-weight: bold; background-color: #f0f3f6; }
th, td { padding: 2px 4px; font-size: 8pt; }
tr.marked td { background-color: #e8f0f7; }
pre { font-family: "DejaVu Sans Mono", monospace; font-size: 7.5pt; background-color: #f4f6f8;
  white-space: pre-wrap; }
"""
