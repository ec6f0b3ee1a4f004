#include "style.h"

namespace clickflow::sandbox {

// Colours are chosen for a contrast of at least 4.5 : 1 (WCAG 2.2, 1.4.3) in both schemes.
const std::string_view style_sheet = R"css(
:root{color-scheme:light dark;--page:#f4f5f8;--glow:#e3e6fb;--card:#fff;--line:#e2e4ec;--edge:#8b90a5;--text:#171a26;
--soft:#565b6e;--well:#f4f5f9;--mark:#4a4fd0;--on-mark:#fff;--mark-soft:#e6e8fc;--good:#0f7a4f;--good-soft:#dcf4e8;
--bad:#b3261e;--bad-soft:#fbe4e2;--warn:#7a4b00;--warn-soft:#fdf0d5;
--shade:0 1px 2px #1a1f3810,0 18px 48px -18px #1a1f3833}
@media (prefers-color-scheme:dark){:root{--page:#0e1017;--glow:#1d2142;--card:#171a24;--line:#2a2e3d;--edge:#6f758c;
--text:#eceef6;--soft:#a4a9bc;--well:#1f2330;--mark:#a3a8ff;--on-mark:#14162b;--mark-soft:#262a52;--good:#6fdcaa;
--good-soft:#14362a;--bad:#ff9c94;--bad-soft:#431f1e;--warn:#f2c46d;--warn-soft:#3a2d12;
--shade:0 1px 2px #0006,0 24px 60px -20px #000c}}
*{box-sizing:border-box;margin:0}
html{height:100%}
body{min-height:100%;padding:max(1.5rem,6vh) 1.25rem;color:var(--text);
background:radial-gradient(60rem 30rem at 50% -8rem,var(--glow),transparent) no-repeat var(--page);
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;
-webkit-text-size-adjust:100%}
body.narrow{display:flex;flex-direction:column;align-items:center;justify-content:center;gap:1.5rem}
.narrow main{width:100%;max-width:30rem;padding:2.25rem;background:var(--card);border:1px solid var(--line);
border-radius:1.25rem;box-shadow:var(--shade)}
.wide main,.wide footer,.wide header{width:100%;max-width:66rem;margin-inline:auto}
.brand{display:flex;align-items:center;gap:.55rem;font-weight:650;letter-spacing:-.01em}
.brand svg{width:1.6rem;height:1.6rem;padding:.1rem;border-radius:.45rem;color:var(--card);background:var(--mark);
fill:none;stroke:currentColor;stroke-width:2.1;stroke-linecap:round;stroke-linejoin:round}
.tag{margin-left:auto;padding:.1rem .6rem;border-radius:1rem;font-size:.8125rem;font-weight:600;color:var(--warn);
background:var(--warn-soft);letter-spacing:0}
h1{margin-top:1.75rem;font-size:1.6rem;line-height:1.22;font-weight:680;letter-spacing:-.022em;text-wrap:balance;
overflow-wrap:anywhere}
h2{font-size:1.1rem;line-height:1.3;font-weight:650;letter-spacing:-.012em}
.lead{margin-top:.6rem;color:var(--soft);text-wrap:pretty}
.soft{color:var(--soft)}
.small{font-size:.875rem}
.note{margin-top:1.25rem;padding:.75rem 1rem;border-radius:.7rem;background:var(--well);font-size:.9rem;text-wrap:pretty}
.note.bad{color:var(--bad);background:var(--bad-soft)}
.note.warn{color:var(--warn);background:var(--warn-soft)}
code,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Noto Sans Mono","Liberation Mono",monospace;
font-size:.875em;overflow-wrap:anywhere}
form{margin-top:1.5rem}
label,legend{display:block;padding:0;font-weight:600;font-size:.925rem}
fieldset{padding:0;border:0;min-width:0}
.field{margin-top:1.25rem}
.hint{margin-top:.15rem;font-size:.875rem;font-weight:400;color:var(--soft)}
input[type=text],input[type=email],select{width:100%;height:2.9rem;margin-top:.4rem;padding:0 .8rem;font:inherit;color:var(--text);
background:var(--card);border:1px solid var(--edge);border-radius:.65rem}
input[type=radio],input[type=checkbox]{width:1.1rem;height:1.1rem;margin:.22rem 0 0;flex:none;accent-color:var(--mark)}
::placeholder{color:var(--soft);opacity:1}
.code{height:auto!important;padding:.65rem!important;text-align:center;text-transform:uppercase;font-size:1.5rem!important;letter-spacing:.16em;font-weight:650!important}
.choice{display:flex;gap:.7rem;padding:.6rem .8rem;font-weight:400;border-radius:.65rem;cursor:pointer}
.choice span{min-width:0}
.choice b{font-weight:600}
.choices{margin-top:.45rem;border:1px solid var(--line);border-radius:.75rem;padding:.25rem}
.choice:hover{background:var(--well)}
.choice .hint{display:block;margin:0;line-height:1.35}
.buttons{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.75rem}
.buttons>*{flex:1 1 8rem}
button,.button{display:block;padding:.7rem 1.1rem;font:inherit;font-weight:620;text-align:center;text-decoration:none;
color:var(--text);background:var(--card);border:1px solid var(--edge);border-radius:.7rem;cursor:pointer}
button:hover,.button:hover{background:var(--well)}
.first{color:var(--on-mark);background:var(--mark);border-color:var(--mark)}
.first:hover{background:var(--mark);filter:brightness(1.08)}
.danger{color:var(--card);background:var(--bad);border-color:var(--bad)}
.danger:hover{background:var(--bad);filter:brightness(1.08)}
.slim{padding:.3rem .8rem;font-size:.875rem}
.link{display:inline;padding:0;font:inherit;font-size:.875rem;font-weight:600;color:var(--mark);background:none;border:0;text-decoration:underline;
text-underline-offset:.15em}
.link:hover{background:none}
a{color:var(--mark);text-underline-offset:.15em}
:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
.people{display:grid;gap:.6rem;margin-top:1.5rem}
.people form{margin:0}
.person{display:flex;width:100%;align-items:center;gap:.9rem;padding:.7rem .9rem;text-align:left;font-weight:400;
border-color:var(--line)}
.person:hover{border-color:var(--mark)}
.person b,.who b{display:block;font-weight:620;line-height:1.35}
.person .small,.who .small{display:block;line-height:1.4}
.face{display:grid;place-items:center;flex:none;width:2.6rem;height:2.6rem;border-radius:50%;font-weight:650;
color:var(--mark);background:var(--mark-soft)}
.or{display:flex;align-items:center;gap:.8rem;margin-top:1.5rem;color:var(--soft);font-size:.875rem}
.or::before,.or::after{content:"";flex:1;border-top:1px solid var(--line)}
.row{display:flex;gap:.6rem;align-items:stretch;margin-top:.4rem}
.row input{height:auto;margin:0;min-width:0}
dl.facts{margin-top:1.25rem;border-top:1px solid var(--line)}
.facts div{display:grid;grid-template-columns:6.25rem 1fr;gap:.1rem 1rem;padding:.65rem 0;border-bottom:1px solid var(--line)}
.facts dt{color:var(--soft);font-size:.9rem}
.facts dd{margin:0;min-width:0;overflow-wrap:anywhere;font-size:.95rem}
.facts ul{list-style:none;padding:0}
.facts li{padding-left:1.5rem;text-indent:-1.5rem}
.facts li::before{content:"✓"/"";display:inline-block;width:1.5rem;font-weight:700;text-indent:0;color:var(--good)}
.who{display:flex;align-items:center;gap:.9rem;margin-top:1.25rem}
.who form{margin:0 0 0 auto;flex:none}
.crumbs{margin-top:2rem;font-size:.9rem;color:var(--soft)}
.wide h1{margin-top:.3rem}
.panel{margin-top:1.5rem;padding:1.5rem 1.6rem;background:var(--card);border:1px solid var(--line);border-radius:1rem;
box-shadow:var(--shade)}
.panel form{margin:0}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,15rem),1fr));gap:0 1.25rem}
.scopes{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:.25rem 1rem;margin-top:.25rem;
padding-top:.25rem;border-top:1px solid var(--line)}
.secret{display:block;margin-top:.8rem;padding:.8rem 1rem;border:1px dashed var(--good);border-radius:.65rem;
background:var(--card);font-size:1rem;user-select:all}
.choice .mono{font-size:.78rem}
.made p{margin-top:.2rem}
.made{border-color:var(--good);background:var(--good-soft)}
table{width:100%;border-collapse:collapse;font-size:.9rem}
th{padding:.4rem .75rem .4rem 0;text-align:left;font-weight:600;font-size:.8125rem;color:var(--soft);white-space:nowrap}
td{padding:.75rem .75rem .75rem 0;border-top:1px solid var(--line);vertical-align:top}
td:last-child,th:last-child{padding-right:0;text-align:right}
td b{font-weight:620}
td .small{display:block}
td .mono{white-space:nowrap}
table{margin-top:.75rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.dim td{color:var(--soft)}
.pill{display:inline-block;padding:.05rem .6rem;border-radius:1rem;font-size:.8125rem;font-weight:600;white-space:nowrap}
.active{color:var(--good);background:var(--good-soft)}
.revoked{color:var(--bad);background:var(--bad-soft)}
.expired{color:var(--warn);background:var(--warn-soft)}
footer{max-width:29rem;text-align:center;font-size:.8125rem;color:var(--soft);text-wrap:balance}
.wide footer{margin-top:2rem}
@media (max-width:30rem){.narrow main{padding:1.5rem 1.35rem;border-radius:1rem}h1{font-size:1.4rem}
.facts div{grid-template-columns:1fr}.who{flex-wrap:wrap}.panel{padding:1.25rem}}
@media (max-width:56rem){thead{position:absolute;clip-path:inset(50%)}tr{display:grid;grid-template-columns:1fr 1fr;
gap:.7rem 1rem;padding:1.1rem 0;border-top:1px solid var(--line)}td,td:last-child{padding:0;border:0;text-align:left}
td:nth-child(3){grid-column:1/-1}
td:nth-child(2),td:last-child:not(:empty){justify-self:end}td:last-child{grid-column:2}td:empty{display:none}
td[data-label]::before{content:attr(data-label);display:block;font-size:.8125rem;color:var(--soft)}}
@media (max-height:40rem){body.narrow{justify-content:flex-start}}
@media (forced-colors:active){.pill,.face{border:1px solid}}
)css";

}  // namespace clickflow::sandbox
