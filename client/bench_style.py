"""How a report looks, in light and dark."""

STYLE = """
:root { --ground: #fcfcfb; --panel: #ffffff; --ink: #16181d; --soft: #5d636e; --grid: #e4e6ea; --goal: #b3261e;
  --one: #2a6fdb; --two: #c05a00; --three: #17805c; --four: #7a4fc0; --quiet: #aeb5c0; }
@media (prefers-color-scheme: dark) { :root { --ground: #14161a; --panel: #1b1e24; --ink: #e8eaee; --soft: #9aa2af;
  --grid: #2c313a; --goal: #ff8a80; --one: #6ea8ff; --two: #f0a04b; --three: #5cc9a0; --four: #b79bf0;
  --quiet: #4c5461; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; margin: 3rem 0 .25rem; }
h1:first-child { margin-top: 0; }
h2 { font-size: 1.1rem; margin: 2.25rem 0 .5rem; }
p, li { max-width: 46rem; }
.soft { color: var(--soft); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 1.25rem 0; }
.tile { background: var(--panel); border: 1px solid var(--grid); border-radius: .6rem; padding: .7rem .9rem; }
.tile b { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: .85rem; }
figure { margin: .5rem 0 0; background: var(--panel); border: 1px solid var(--grid); border-radius: .6rem;
  padding: .9rem; overflow-x: auto; }
figcaption { color: var(--soft); font-size: .88rem; margin-top: .4rem; max-width: 46rem; }
svg { width: 100%; min-width: 34rem; height: auto; display: block; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg text.soft { fill: var(--soft); }
svg .grid { stroke: var(--grid); }
svg .goal { stroke: var(--goal); stroke-dasharray: 4 3; }
svg text.goal-text { fill: var(--goal); }
svg .dot { stroke: var(--panel); stroke-width: 1.5; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; width: 100%; }
th, td { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid var(--grid); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
th { color: var(--soft); font-weight: 600; }
td.bad { color: var(--goal); font-weight: 600; }
"""
