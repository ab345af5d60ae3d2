// The styles of the page, for screens, for print, in light and in dark.
import { LAYER_KINDS } from '../layer-kinds.ts';
import { DARK, LIGHT, variables } from './palette.ts';

const kinds = (rule: (kind: string) => string): string => LAYER_KINDS.map(rule).join('\n');

const THEMES = `
:root{color-scheme:light;${variables(LIGHT)}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${variables(DARK)}}}
:root[data-theme=dark]{color-scheme:dark;${variables(DARK)}}
@media print{:root,:root[data-theme=dark],:root:not([data-theme=light]){color-scheme:light;${variables(LIGHT)}}}`;

const BASE = `
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:4rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;font-variant-numeric:tabular-nums}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.92em}
h1{font-size:1.9rem;line-height:1.2;margin:0;font-weight:650;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:1.05rem;margin:0 0 .9rem;font-weight:650}
h3{font-size:.9rem;margin:1.4rem 0 .5rem;font-weight:650;color:var(--muted)}
p{margin:0 0 .6rem}
a{color:inherit;text-decoration:none}
button,input,select{font:inherit;color:inherit}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:3px}
.note,.quiet{color:var(--muted);font-size:.87rem}
.note{margin:.6rem 0 0;max-width:46rem}
.tip{position:fixed;z-index:9;max-width:min(30rem,calc(100vw - 2rem));padding:.45rem .7rem;border:1px solid var(--group-mark);border-radius:6px;background:var(--raised);color:var(--text);font-size:.82rem;line-height:1.45;white-space:pre-line;overflow-wrap:anywhere;pointer-events:none}
.skip-link{position:absolute;left:-100rem}
.skip-link:focus{left:1rem;top:.5rem;background:var(--page);padding:.2rem .6rem;z-index:9}
html:not(.scripted) .script{display:none}
.swatch{display:inline-block;width:.72em;height:.72em;border-radius:2px;margin-right:.45em;flex:none}
.scroll{overflow-x:auto}
section{margin:2.6rem 0 0}
${kinds((kind) => `.${kind}{--area:var(--${kind});--mark:var(--${kind}-mark)}`)}
.swatch{background:var(--mark)}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;margin:0 0 .8rem;padding:0;font-size:.87rem;color:var(--muted)}
.legend b{color:var(--text);font-weight:600}`;

const FRAME = `
.bar-top{display:flex;align-items:center;gap:1.5rem;padding:.6rem max(1.25rem,calc((100vw - 1500px)/2));border-bottom:1px solid var(--rule);position:sticky;top:0;background:var(--page);z-index:5}
.brand{margin:0;font-weight:650}
.brand span{font-weight:400;color:var(--muted)}
.theme{margin-left:auto}
.theme button,.tools select,.tools input[type=search]{background:var(--page);border:1px solid var(--rule);border-radius:5px;padding:.2rem .6rem}
.theme button{cursor:pointer;font-size:.87rem}
.tabs{display:flex;gap:.25rem;overflow-x:auto;min-width:0}
.tabs button{border:0;background:none;padding:.3rem .7rem;border-radius:5px;cursor:pointer;color:var(--muted);white-space:nowrap}
.tabs button[aria-selected=true]{background:var(--raised);color:var(--text);font-weight:600}
.page{display:grid;grid-template-columns:minmax(0,1fr) minmax(20rem,25rem);gap:2.2rem;max-width:1500px;margin:0 auto;padding:1.8rem 1.25rem 4rem}
.inspector{position:sticky;top:4.2rem;align-self:start;max-height:calc(100vh - 5rem);display:flex;flex-direction:column;border-left:1px solid var(--rule);padding-left:1.5rem}
.selected{flex:none;max-height:45vh;overflow:auto;margin-bottom:1.2rem}
.sources{flex:1 1 auto;overflow:auto;position:relative;min-height:12rem}
.panel+.panel{margin-top:4rem}
.scripted .panel+.panel{margin-top:0}
[hidden]{display:none!important}
.doc{margin:.5rem 0 0;max-width:46rem;white-space:pre-line}
.conventions code{overflow-wrap:anywhere}
.facts li{min-width:0;overflow-wrap:anywhere}
.content>section:first-child{margin-top:0}
.facts{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.2rem;padding:0;margin:.7rem 0 0;color:var(--muted);font-size:.9rem}
.comparison+.panel .head{margin-top:2.6rem}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.6rem,1fr));gap:1.3rem 1.4rem;margin:1.8rem 0 0}
.cards div{border-top:1px solid var(--rule);padding-top:.55rem}
.cards dt{font-size:.82rem;color:var(--muted)}
.cards dd{margin:0;font-size:1.5rem;line-height:1.3;letter-spacing:-.01em;white-space:nowrap}
.cards dd.note{font-size:.82rem;color:var(--muted);letter-spacing:0;line-height:1.35;white-space:normal}`;

const DIAGRAM = `
.flow{display:block}
.flow .series{display:inline-flex;flex-wrap:wrap;align-items:center;row-gap:1.1rem}
.flow .way .series{flex-wrap:nowrap}
.flow .frame>span>.flow>.series{flex-wrap:wrap}
.flow.outer{margin-bottom:1.4rem}
.series>*{display:inline-flex;align-items:center}
.series>*+*::before,.unit>*+*::before,.way::before,.way::after{content:"";width:.38rem;border-top:1.5px solid var(--group-mark);flex:none}
.unit{align-items:center;position:relative}
.unit>*{display:inline-flex;align-items:center}
.unit.skipped{padding-top:.9rem}
.unit.skipped::after{content:"";position:absolute;top:.1rem;left:0;right:0;height:calc(50% - .1rem);border:1.5px solid var(--group-mark);border-bottom:0;border-radius:.7rem .7rem 0 0;pointer-events:none}
.unit.joined::after{right:.52rem}
.series>.skipped:not(:first-child)::after{left:.2rem}
.outer .forked{row-gap:1.15rem;padding:.2rem 0 1rem}
.parallel{display:inline-flex;flex-direction:column;align-items:stretch;gap:.3rem}
.parallel.forked{border:solid var(--group-mark);border-width:0 1.5px;border-radius:.6rem}
.way{display:flex;align-items:center}
.way::after{flex:1 0 .38rem}
.join{display:inline-flex;align-items:center}
.join b{display:inline-flex;align-items:center;justify-content:center;min-width:1.05rem;height:1.05rem;border:1.5px solid var(--group-mark);border-radius:1rem;font-size:.8rem;font-weight:400;line-height:1;background:var(--page);position:relative;z-index:1}
.join.word b{padding:0 .45rem;font-size:.72rem}
.cell{position:relative}
.cell small{position:absolute;top:100%;left:0;right:0;text-align:center;font-size:.7rem;line-height:1.4;color:var(--muted);white-space:nowrap}
.box{display:inline-flex;flex-direction:column;justify-content:center;align-items:center;min-width:3rem;min-height:2.6rem;padding:.2rem .4rem;border-radius:6px;background:var(--area);border:1.5px solid transparent;line-height:1.2;text-align:center}
.box b{font-weight:600}
.box i{font-style:normal;font-size:.7rem;opacity:.9}
.box.slim{min-width:.6rem;width:.6rem;padding:0;border-radius:4px;border-color:var(--mark)}
.box.none{background:none;border:1px dashed var(--rule);color:var(--muted)}
.box:hover{border-color:var(--mark)}
.frame>span{display:inline-flex;flex-direction:column;align-items:flex-start;border:1.5px solid var(--rule);border-radius:10px;padding:.25rem .8rem 1.5rem}
.caption{font-size:.87rem;line-height:1.25rem;border-radius:3px}
.caption i{font-style:normal;color:var(--muted)}
.insides{display:grid;gap:1.3rem 2rem;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr))}
.inside{min-width:0;overflow-x:auto;padding:2px}
.inside p{margin:0 0 .6rem;font-size:.87rem}
.inside p b{border-bottom:2.5px solid var(--mark);margin-right:.3rem}
.inside code{color:var(--muted);overflow-wrap:anywhere}
.inside .box{min-height:1.7rem;min-width:2.6rem;font-size:.87rem}
.inside .box i{display:none}
.inside .frame>span{padding:.15rem .6rem 1.4rem}`;

const COST = `
.bars{display:grid;gap:.15rem;margin-bottom:1rem}
.bar{display:grid;grid-template-columns:1.2rem 10.5rem 6rem 1fr;align-items:center;gap:.4rem;padding:.12rem .3rem;border-radius:5px;font-size:.9rem}
html:not(.scripted) .bar{grid-template-columns:0 10.5rem 6rem 1fr}
html:not(.scripted) .bar input{visibility:hidden}
.scripted .bar{cursor:pointer}
.bar:has(:checked){background:var(--raised)}
.bar:has(:focus-visible){outline:2px solid var(--link)}
.bar input{margin:0;accent-color:var(--link)}
.bar .figure{text-align:right;padding-right:.6rem}
.track{display:flex;height:1.35rem;border-radius:4px;overflow:hidden;background:var(--raised);gap:1px}
.track>span{background:var(--area);overflow:hidden;white-space:nowrap;min-width:1px}
.track>span>span{padding:0 .3em 0 .5em;overflow:hidden;text-overflow:ellipsis;font-size:.78rem;line-height:1.35rem;display:block}
.icicle{display:block;overflow:visible}
.area{cursor:pointer;overflow:hidden;transition:x .25s,width .25s}
.area:focus{outline:none}
.area rect{fill:var(--area);stroke:var(--page);stroke-width:1px}
.area rect:not(.leaf){fill-opacity:.75}
.area text{font-size:12px;fill:var(--text);pointer-events:none}
.area:hover rect{stroke:var(--mark);stroke-width:2px}
.area:focus-visible rect{stroke:var(--link);stroke-width:4px}
@media (prefers-reduced-motion:reduce){.area{transition:none}html{scroll-behavior:auto}}`;

const TABLE = `
.tools{display:flex;flex-wrap:wrap;gap:.5rem 1.4rem;align-items:center;margin-bottom:.7rem;font-size:.87rem;color:var(--muted)}
.tools input[type=search]{width:14rem;max-width:60vw;color:var(--text)}
table{border-collapse:collapse;font-size:.85rem;min-width:100%}
th,td{padding:.22rem .5rem;text-align:left;white-space:nowrap;font-weight:400}
.number,.layers td,.layers thead th{text-align:right}
.layers thead .name{text-align:left}
thead th{position:relative;border-bottom:1.5px solid var(--other-mark);vertical-align:bottom;padding:.2rem .2rem}
thead button{border:0;background:none;padding:.1rem .5rem;font-size:.82rem;color:var(--muted);cursor:pointer;white-space:normal;text-align:inherit}
th[aria-sort=ascending] button::after{content:" \\2191"}
th[aria-sort=descending] button::after{content:" \\2193"}
tbody th,tbody td{border-bottom:1px solid var(--rule)}
tbody tr:hover{background:var(--raised)}
tbody th,tfoot th,thead th.name{position:sticky;left:0;background:var(--page);z-index:1}
tbody tr:hover th{background:var(--raised)}
tbody th{padding-left:calc(.3rem + var(--depth,0)*1.05rem)}
tbody th a{border-radius:3px;padding:0 .15rem}
.leaf th{padding-left:calc(1.5rem + var(--depth,0)*1.05rem)}
.branch{color:var(--muted)}
.branch th{color:var(--text);font-weight:600}
.flat th{padding-left:.6rem}
.flat .fold{display:none}
tfoot td,tfoot th{border-top:1.5px solid var(--other-mark);font-weight:600}
.fold{border:0;background:none;width:1.2rem;padding:0;cursor:pointer;color:var(--muted)}
.fold::before{content:"\\25be"}
.fold[aria-expanded=false]::before{content:"\\25b8"}
html:not(.scripted) .fold{visibility:hidden}
.comparison td{position:relative;padding-left:1.6rem}
.comparison td .share{position:absolute;left:.7rem;bottom:0;height:2px;max-width:calc(100% - 1.4rem);background:var(--attention-mark)}
.comparison small{color:var(--muted);display:inline-block;min-width:4.2rem}`;

const PLOTS = `
.plot svg{display:block;width:100%;min-width:40rem;height:auto;font-size:12px}
.plot text{fill:var(--muted)}
.plot text.peak,.plot text.buffers,.roof text{paint-order:stroke;stroke:var(--page);stroke-width:3px}
.axis line{stroke:var(--rule)}
.live{fill:var(--attention);stroke:var(--attention-mark);stroke-width:1.5}
.buffers{stroke:var(--muted);stroke-dasharray:4 4}
.step rect{fill:transparent}
.step rect.foot{fill:var(--mark)}
.step:hover rect:first-child,.step:focus rect:first-child{fill:var(--text);fill-opacity:.09}
.step:focus,.point:focus{outline:none}
circle.peak{fill:var(--attention-mark);stroke:var(--page);stroke-width:1.5}
.plot text.peak{fill:var(--text)}
.repeats path{fill:none;stroke:var(--muted)}
.roof path{fill:none;stroke:var(--text);stroke-width:1.5}
.roof circle{fill:var(--text)}
.point circle{fill:var(--mark);fill-opacity:.55;stroke:var(--mark)}
.plot .point text{display:none;fill:var(--text);paint-order:stroke;stroke:var(--page);stroke-width:4px}
.point:hover text,.point:focus text,.point.on text{display:block}
.point:focus circle{stroke:var(--link);stroke-width:3}
.classes .track{margin-bottom:.5rem}
.m0{--area:var(--text);--mark:var(--text);opacity:.75}
.m1{--area:var(--attention-mark);--mark:var(--attention-mark)}
.m2{--area:var(--embedding-mark);--mark:var(--embedding-mark)}
.m3{--area:var(--other-mark);--mark:var(--other-mark)}`;

const INSPECTOR = `
.selected h3{margin:0 0 .1rem;color:var(--text);font-size:1.05rem;overflow-wrap:anywhere}
.selected .close{float:right;border:0;background:none;font-size:1.2rem;line-height:1;padding:.1rem .4rem;cursor:pointer;color:var(--muted)}
.selected p{overflow-wrap:anywhere;font-size:.87rem;color:var(--muted)}
.selected dl{display:grid;grid-template-columns:auto 1fr;gap:.1rem 1rem;margin:.6rem 0 1.4rem;font-size:.87rem}
.selected dt{color:var(--muted)}
.selected dd{margin:0;text-align:right;white-space:pre-line;overflow-wrap:anywhere}
.selected dd small{display:block;color:var(--muted)}
.file{border-top:1px solid var(--rule)}
.file:last-child{border-bottom:1px solid var(--rule)}
.file summary{cursor:pointer;padding:.35rem 0;font-size:.87rem;overflow-wrap:anywhere}
.file pre{margin:0 0 .8rem;overflow-x:auto;counter-reset:line;font-size:.78rem;line-height:1.55;tab-size:2}
.line{display:block;padding-left:3.2em;position:relative}
.line::before{counter-increment:line;content:counter(line);position:absolute;left:0;width:2.4em;text-align:right;color:var(--muted);opacity:.75;user-select:none}
.line i{font-style:normal}
.c{color:var(--muted)}
.k{color:var(--keyword)}
.n{color:var(--number)}
.s{color:var(--string)}
.scripted .line i[data-s]{cursor:pointer}
.line i[data-s]:hover{text-decoration:underline;text-underline-offset:3px;text-decoration-color:var(--rule)}
.line.on{background:var(--selected)}
.line i.on{box-shadow:inset 0 -2px var(--selection);font-weight:600}
tr.on,tr.on th,tr.on:hover th{background:var(--selected)!important}
.box.on,.caption.on{outline:2px solid var(--selection);outline-offset:1px}
.area.on rect{stroke:var(--selection);stroke-width:3px}
.point.on circle{stroke:var(--selection);stroke-width:3}
.step.on rect.foot{stroke:var(--selection);stroke-width:2}`;

const NARROW = `
@media (max-width:1100px){
.page{grid-template-columns:minmax(0,1fr)}
.inspector{position:static;max-height:none;display:block;border-left:0;border-top:1px solid var(--rule);padding:1.5rem 0 0}
.sources{overflow:visible}
.selected:has(h3){position:fixed;left:0;right:0;bottom:0;z-index:6;margin:0;padding:.8rem 1.25rem;max-height:38vh;background:var(--raised);border-top:1px solid var(--group-mark)}
}
@media (max-width:640px){
body{font-size:14px}
h1{font-size:1.5rem}
.page{padding:1.2rem 1rem 3rem}
.bar-top{padding:.5rem 1rem;gap:.8rem}
.cards{grid-template-columns:repeat(auto-fill,minmax(8.4rem,1fr));gap:1rem}
.cards dd{font-size:1.3rem}
.bar,html:not(.scripted) .bar{grid-template-columns:1.2rem 1fr auto;row-gap:.1rem}
.bar .track{grid-column:1/-1}
.frame{padding:.3rem .5rem .6rem}
}
@media print{
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
@page{size:A4;margin:14mm 12mm}
body{font-size:10px}
:root:root{--page:#fff}
.bar-top,.script,.skip-link,.selected,.library,.tip{display:none!important}
.panel[hidden]{display:block!important}
.page{display:block;padding:0;max-width:none}
.inspector{display:block;position:static;max-height:none;overflow:visible;border:0;padding:0;margin-top:2rem}
.scroll,.inside{overflow:visible}
.plot svg{min-width:0;max-width:none}
.cards{grid-template-columns:repeat(5,1fr)}
section{margin-top:1.4rem}
.diagram,.cost,.memory,.roofline,.conventions,.inside,tr{break-inside:avoid}
h2{break-after:avoid}
.panel+.panel{break-before:page}
thead{display:table-header-group}
tfoot{display:table-row-group}
.scroll,.sources{overflow:visible}
th,td{padding:.1rem .4rem}
thead button{padding:0}
.file pre{white-space:pre-wrap;overflow:visible}
}`;

export const STYLES = [THEMES, BASE, FRAME, DIAGRAM, COST, TABLE, PLOTS, INSPECTOR, NARROW].join(
  '\n',
);
