/// How a page looks: on a phone and on a desk, by day and by night.
enum PageStyle {
  static let sheet: Markup = """
    :root { --ground: #f6f6f4; --card: #ffffff; --text: #1c2026; --muted: #5a626e; --line: #e2e4e8;
      --accent: 29 90 196; --in: #0b7f63; --out: #b94d12; --alarm: #b3261e; --code: #f4f5f7; }
    @media (prefers-color-scheme: dark) {
      :root { --ground: #13161b; --card: #1b1f26; --text: #e7e9ed; --muted: #9ca5b3; --line: #2e343e;
        --accent: 112 166 255; --in: #45c9a5; --out: #f29a5e; --alarm: #ff8a80; --code: #14181e; }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body { margin: 0; background: var(--ground); color: var(--text);
      font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
    main { max-width: 70rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
    h1, h2, h3 { line-height: 1.25; margin: 0; font-weight: 650; overflow-wrap: anywhere; }
    h1 { font-size: 1.75rem; }
    h2 { font-size: 1.25rem; margin: 3rem 0 1rem; }
    h3 { font-size: 1.0625rem; }
    p { margin: .5rem 0; overflow-wrap: anywhere; }
    a { color: inherit; text-decoration-color: var(--line); text-underline-offset: .2em; }
    a:hover { text-decoration-color: currentColor; }
    code, pre { font: .8125rem/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
    pre { margin: 0; padding: .75rem; background: var(--code); border-radius: .4rem;
      white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 2; }
    .muted { color: var(--muted); }
    .small { font-size: .875rem; }
    .alarm { color: var(--alarm); }
    .in { color: var(--in); }
    .out { color: var(--out); }
    nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1rem 0 0; font-size: .9375rem; }
    .card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
      padding: 1.25rem; margin: 0 0 1rem; min-width: 0; }
    .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem;
      margin: 1.5rem 0 0; }
    .tile { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
      padding: .75rem 1rem; }
    .tile b { display: block; font-size: 1.375rem; font-weight: 650; line-height: 1.3; }
    .tile span { font-size: .8125rem; color: var(--muted); }
    b, td, dd, .axis, .ticks { font-variant-numeric: tabular-nums; }
    .head { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; justify-content: space-between;
      align-items: baseline; }
    .size b { font-size: 1.375rem; font-weight: 650; }
    .columns { display: grid; gap: 1.25rem 2rem; grid-template-columns: minmax(0, 1fr); }
    @media (min-width: 52rem) { .columns { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); } }
    .columns > div { min-width: 0; }
    .columns h4 { font-size: .8125rem; font-weight: 600; color: var(--muted); margin: 1.25rem 0 .6rem; }
    .columns > div > h4:first-child { margin-top: 0; }
    .card > :last-child, .columns > div > :last-child { margin-bottom: 0; }
    .columns { margin-top: 1rem; }
    table { border-collapse: collapse; width: 100%; font-size: .875rem; }
    th { font-weight: 500; color: var(--muted); text-align: left; font-size: .8125rem; }
    th, td { padding: .35rem .5rem; border-bottom: 1px solid var(--line); vertical-align: middle; }
    tbody tr:last-child > * { border-bottom: 0; }
    th:first-child, td:first-child { padding-left: 0; }
    th:last-child, td:last-child { padding-right: 0; }
    .n { text-align: right; white-space: nowrap; }
    th.n { white-space: normal; }
    td.name { overflow-wrap: anywhere; color: var(--text); font-size: .875rem; }
    .scroll { overflow-x: auto; max-width: 100%; }
    dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1rem; margin: 0;
      font-size: .875rem; }
    dt { color: var(--muted); }
    dd { margin: 0; overflow-wrap: anywhere; }
    svg { display: block; }
    .plot { position: relative; padding-left: 3.5rem; }
    .plot svg { width: 100%; overflow: visible; }
    .ticks span { position: absolute; left: 0; width: 3rem; text-align: right; font-size: .75rem;
      line-height: 1; color: var(--muted); transform: translateY(-50%); }
    .axis { display: flex; justify-content: space-between; padding-left: 3.5rem; font-size: .75rem;
      color: var(--muted); margin-top: .3rem; }
    .grid { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
    .line { fill: none; stroke: rgb(var(--accent)); stroke-width: 2; stroke-linejoin: round;
      vector-effect: non-scaling-stroke; }
    .area { fill: rgb(var(--accent) / .12); }
    .dot { stroke: rgb(var(--accent)); stroke-width: 6; stroke-linecap: round;
      vector-effect: non-scaling-stroke; }
    .up { fill: var(--in); }
    .down { fill: var(--out); }
    .touch { fill: transparent; }
    .touch:hover { fill: rgb(var(--accent) / .1); }
    .key { display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: .75rem; color: var(--muted);
      margin: .6rem 0 .2rem; padding-left: 3.5rem; }
    .spark { width: 5rem; height: 1.25rem; }
    .bars { display: grid; grid-template-columns: minmax(3rem, max-content) minmax(2rem, 1fr) max-content;
      gap: .2rem .75rem; align-items: center; font-size: .8125rem; }
    .bars span { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
    .bars .n { color: var(--muted); }
    .bar { width: 100%; height: .7rem; }
    .bar .whole { fill: rgb(var(--accent) / .1); }
    .bar .part { fill: rgb(var(--accent)); }
    .matrix { width: auto; font-size: .75rem; }
    .matrix th, .matrix td { padding: .25rem .3rem; border: 1px solid var(--card); }
    .matrix td { text-align: center; min-width: 2.25rem;
      background: rgb(var(--accent) / calc(var(--s) * .85)); }
    .matrix td.full { color: #fff; }
    .matrix td.own { background: none; color: var(--muted); }
    .matrix thead th { text-align: center; }
    .matrix tbody th { max-width: 15rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
      color: var(--text); position: sticky; left: 0; background: var(--card); }
    @media (prefers-color-scheme: dark) { .matrix td.strong { color: #0c1016; } }
    @media (max-width: 36rem) {
      main { padding: 1.25rem .75rem 3rem; }
      .card { padding: 1rem .875rem; }
      .wide { display: none; }
      .matrix tbody th { max-width: 8.5rem; }
      .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
    }
    @media print { body { background: none; } .card { break-inside: avoid; } nav { display: none; } }
    """
}
