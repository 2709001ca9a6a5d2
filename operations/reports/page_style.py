"""The page's style: one column, readable at 390 pixels, in the dark, and on paper."""

from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --ground: #fbfbfa; --card: #fff; --ink: #1c2024; --soft: #5d6570;
  --line: #dfe2e6; --delete: #b42318; --replace: #b4540a; --update: #1759b5; --create: #18794e;
  --import: #6b4fbb; --forget: #5d6570; --alarm: #fdecea; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --card: #1c2024; --ink: #e8eaed;
  --soft: #a2abb5; --line: #343a41; --delete: #ff8a80; --replace: #ffb069; --update: #82b4ff;
  --create: #6fd6a3; --import: #b9a5ff; --forget: #a2abb5; --alarm: #3a1f1d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: .5rem 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
code { font: .875em ui-monospace, monospace; overflow-wrap: anywhere; }
a { color: var(--update); }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--update); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -99rem; } .skip:focus { position: static; }
.soft { color: var(--soft); } ul { padding-left: 1.1rem; margin: .4rem 0; }
.chips { display: flex; flex-wrap: wrap; gap: .4rem; list-style: none; padding: 0; margin: .6rem 0; }
.chip, .tag { border: 1px solid currentColor; border-radius: 1rem; padding: .1rem .6rem; white-space: nowrap; }
.tag { font-size: .8rem; padding: 0 .45rem; }
.alarm { background: var(--alarm); border-left: 4px solid var(--delete); padding: .6rem .8rem; border-radius: 4px; }
.delete { color: var(--delete); } .replace { color: var(--replace); } .update { color: var(--update); }
.create { color: var(--create); } .import { color: var(--import); } .forget { color: var(--forget); }
.dangers { list-style: none; padding: 0; display: grid; gap: .5rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); }
details > .dangers { padding: 0 .6rem .6rem; }
.dangers li, details { background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
.dangers li { padding: .5rem .8rem; border-left: 4px solid var(--replace); }
.dangers li.named { border-left-color: var(--delete); }
.dangers p { margin: .1rem 0; }
details { margin: .5rem 0; } summary { padding: .5rem .8rem; cursor: pointer; }
details > :not(summary) { padding: 0 .8rem .6rem; margin: 0; }
details details { margin: .4rem .6rem; padding: 0; } details > .changes { padding: 0; }
details:target, .changes > :target { outline: 3px solid var(--update); }
.bare { border: 1px solid var(--line); border-radius: 6px; margin: .4rem .6rem; padding: .4rem .8rem !important; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .3rem .5rem .3rem 0; border-top: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--soft); border-top: 0; }
.diff { margin: 0; } .diff dt { margin-top: .5rem; } .diff dd { margin: 0 0 0 .6rem; }
.old::before { content: "\\2212\\00a0"; color: var(--delete); } .new::before { content: "+\\00a0"; color: var(--create); }
.picture { overflow-x: auto; } .graph { max-width: 100%; height: auto; display: block; margin: 0 auto; }
.wide { display: none; }
@media (min-width: 60rem) { .wide { display: block; } .narrow { display: none; } }
.edge { fill: none; stroke: var(--soft); stroke-width: 1.2; opacity: .55; }
.box { fill: var(--card); stroke: currentColor; stroke-width: 1.5; } .box.danger { stroke-width: 3.5; }
.graph text { font: 13px system-ui, sans-serif; fill: var(--ink); } .graph .sub { font-size: 11px; fill: var(--soft); }
.graph a:focus-visible { outline: none; } .graph a:focus-visible .box { stroke-dasharray: 5 3; stroke-width: 4; }
@media print { details > * { display: block; } }
"""
