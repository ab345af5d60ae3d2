// The look of HTML documentation: readable on a screen, light or dark, on a telephone and on paper.
export const STYLE = `
:root { color-scheme: light dark; --text: #1c1f23; --dim: #5c6570; --ground: #fff; --panel: #f4f5f7; --line: #d9dde2; --link: #0550ae; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e3e6ea; --dim: #9aa4af; --ground: #16191d; --panel: #1f2329; --line: #343a42; --link: #79b8ff; }
}
* { box-sizing: border-box; }
body { margin: 0; display: grid; grid-template-columns: 15rem minmax(0, 1fr); color: var(--text); background: var(--ground); font: 16px/1.55 system-ui, sans-serif; }
nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; padding: 2rem 1rem; border-right: 1px solid var(--line); }
nav ul { list-style: none; margin: 0; padding: 0; }
main { max-width: 52rem; padding: 1rem 2rem 4rem; }
section { margin-top: 2.5rem; scroll-margin-top: 1rem; border-top: 1px solid var(--line); }
h2 a { color: inherit; text-decoration: none; }
h2 small, nav small, .source { color: var(--dim); font-weight: normal; font-size: .8rem; }
.source { margin: -.75rem 0 .75rem; }
a { color: var(--link); }
a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code, pre { font: .875em/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: 4px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .925rem; }
th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--dim); font-weight: normal; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; max-height: none; border: 0; border-bottom: 1px solid var(--line); } main { padding: 1rem; } }
@media print { body { display: block; } nav { display: none; } section { break-inside: avoid-page; } }
`;
