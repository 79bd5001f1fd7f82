"""The style sheet of the HTML report: screen, dark screen and paper; no font or picture is fetched."""

CSS = """
:root{color-scheme:light dark;--bg:#fff;--panel:#f6f7f9;--ink:#1c2430;--soft:#5a6675;--line:#d9dee5;--accent:#24527a;
--pass:#1a7f45;--fail:#b3261e;--open:#9a6700;--waived:#6842a8;--pass-bg:#e8f5ed;--fail-bg:#fcebea;--open-bg:#fff6df;
--waived-bg:#f1ebfb}
@media (prefers-color-scheme:dark){:root{--bg:#12161c;--panel:#1a2029;--ink:#e6eaf0;--soft:#9aa6b5;--line:#2f3845;
--accent:#8ab8e6;--pass:#5fd08d;--fail:#ff8a80;--open:#f0c14b;--waived:#c3a6ff;--pass-bg:#15301f;--fail-bg:#3a1b1a;
--open-bg:#352a10;--waived-bg:#281f3d}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,Ubuntu,
"Helvetica Neue",Arial,sans-serif}
main{max-width:60rem;margin:0 auto;padding:2.5rem 1.5rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:.1rem 0 1.2rem;letter-spacing:-.01em}
h2{font-size:1.25rem;margin:2.8rem 0 .8rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{font-size:1.1rem;margin:0;display:inline}
p{margin:.5rem 0;max-width:46rem}
a{color:var(--accent)}
code,.mono{font-family:ui-monospace,SFMono-Regular,Consolas,"DejaVu Sans Mono",monospace;font-size:.85em;
overflow-wrap:anywhere}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.8rem 1rem;overflow-x:auto;
font-size:.85rem;line-height:1.5}
.kicker{color:var(--soft);font-size:.9rem;margin:0}
.banner{border-left:6px solid;border-radius:6px;padding:1rem 1.3rem;margin:0 0 1.4rem}
.banner p{margin:.15rem 0 0;font-size:1.05rem}
.banner .word{font-size:1.6rem;font-weight:700;letter-spacing:.01em;margin:0;line-height:1.2}
.pass{color:var(--pass);border-color:var(--pass)}.fail{color:var(--fail);border-color:var(--fail)}
.open{color:var(--open);border-color:var(--open)}.waived{color:var(--waived);border-color:var(--waived)}
.banner.pass{background:var(--pass-bg)}.banner.fail{background:var(--fail-bg)}.banner.open{background:var(--open-bg)}
.banner p:last-child{color:var(--ink)}
.badge{display:inline-block;border:1px solid;border-radius:4px;padding:.05rem .5rem;font-size:.75rem;font-weight:700;
white-space:nowrap;vertical-align:.1em}
.badge.pass{background:var(--pass-bg)}.badge.fail{background:var(--fail-bg)}.badge.open{background:var(--open-bg)}
.badge.waived{background:var(--waived-bg)}
dl.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.7rem 1.5rem;margin:0}
dl.facts dt{color:var(--soft);font-size:.8rem}dl.facts dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th{text-align:left;color:var(--soft);font-size:.8rem;font-weight:600;border-bottom:1px solid var(--line);
padding:.35rem .9rem .35rem 0;white-space:nowrap}
td{border-bottom:1px solid var(--line);padding:.5rem .9rem .5rem 0;vertical-align:top;overflow-wrap:anywhere}
td.word{white-space:nowrap;overflow-wrap:normal}
td.rule-name{min-width:7rem;font-weight:600}
td.rule-name a{color:inherit;text-decoration-color:var(--line)}
td.rank{min-width:6rem}
.figure .name{font-weight:600;font-size:.85rem;margin:0}
dl.details{display:grid;grid-template-columns:9.5rem 1fr;gap:.35rem 1rem;margin:1rem 0 0;font-size:.93rem;
border-top:1px solid var(--line);padding-top:.9rem}
dl.details dt{color:var(--soft)}
dl.details dd{margin:0;overflow-wrap:anywhere}
dl.details ul{margin:0;padding-left:1.1rem}
@media (max-width:36rem){dl.details{grid-template-columns:1fr}dl.details dd{margin-bottom:.5rem}}
td.num{font-variant-numeric:tabular-nums;white-space:nowrap}
.rule{border:1px solid var(--line);border-left:5px solid var(--line);border-radius:6px;padding:1.1rem 1.4rem;
margin:1.1rem 0;break-inside:avoid-page}
.rule.pass{border-left-color:var(--pass)}.rule.fail{border-left-color:var(--fail)}
.rule.open{border-left-color:var(--open)}.rule.waived{border-left-color:var(--waived)}
.rule{color:var(--ink)}
.rule .standing{color:var(--soft);font-size:.85rem;margin-left:.5rem}
.finding{font-size:1.05rem}
.why,.soft{color:var(--soft)}
.todo{border-left:3px solid var(--accent);padding-left:.8rem;margin:.8rem 0}
ul{margin:.3rem 0;padding-left:1.2rem}
.figure{margin:.8rem 0 .2rem}
svg{display:block;width:100%;height:auto;max-width:46rem}
svg text{fill:var(--soft);font:12px system-ui,-apple-system,"Segoe UI",Roboto,Ubuntu,Arial,sans-serif}
svg .name{fill:var(--ink);font-weight:600;font-size:13px}
svg .axis{stroke:var(--line);stroke-width:2}svg .allowed{fill:var(--pass-bg);stroke:var(--line)}
svg .outside{fill:var(--panel);stroke:var(--line)}
svg .limit{stroke:var(--ink);stroke-width:2;stroke-dasharray:4 3}svg .limit-text{fill:var(--ink)}
svg .span{stroke-width:7;stroke-linecap:round}svg .dot{stroke:var(--bg);stroke-width:2}
svg .node{fill:var(--panel);stroke:var(--line)}svg .node.data{stroke:var(--soft)}
svg .node.model{stroke:var(--accent);stroke-width:2.5}svg .node.other{stroke-dasharray:3 3}
svg .flow{fill:none;stroke:var(--soft);stroke-width:1.5}svg .flow.told{stroke-dasharray:5 4}svg .tip{fill:var(--soft)}
svg .pass .span{stroke:var(--pass)}svg .fail .span{stroke:var(--fail)}svg .open .span{stroke:var(--open)}
svg .waived .span{stroke:var(--waived)}
svg .pass .dot{fill:var(--pass)}svg .fail .dot{fill:var(--fail)}svg .open .dot{fill:var(--open)}
svg .waived .dot{fill:var(--waived)}
ol.scale{list-style:none;display:flex;flex-wrap:wrap;gap:.35rem;padding:0;margin:.3rem 0}
ol.scale li{border:1px solid var(--line);border-radius:4px;padding:.1rem .55rem;font-size:.85rem;color:var(--soft)}
ol.scale li.here{color:var(--ink);border-color:var(--ink);font-weight:700}
footer{margin-top:3rem;color:var(--soft);font-size:.88rem}
@media print{:root{--bg:#fff;--panel:#f6f7f9;--ink:#000;--soft:#444;--line:#bbb}body{font-size:10.5pt}
main{max-width:none;padding:0}h2{break-after:avoid}.banner,.badge,svg{print-color-adjust:exact;
-webkit-print-color-adjust:exact}}
"""
