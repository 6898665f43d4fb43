// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The style sheet of reports: light, dark and paper, from a phone's width on, with the fonts that the reader's system has.
#ifndef IGN_IO_REPORT_STYLE_HPP
#define IGN_IO_REPORT_STYLE_HPP

#include <string_view>

namespace ign::io {

/// CSS for io/report.hpp.
inline constexpr std::string_view report_style = R"(
:root{color-scheme:light dark;--paper:#fdfdfb;--ink:#1b1b19;--faint:#5d5d57;--rule:#dfdfd9;--strong:#8b8b84;--link:#005c94}
@media screen and (prefers-color-scheme:dark){
:root{--paper:#17181a;--ink:#e7e6e2;--faint:#a9a8a1;--rule:#37383c;--strong:#77777a;--link:#7cc0f0}}
@media print{:root{color-scheme:light;--paper:#fff}nav{display:none}figure,tr{break-inside:avoid}h2{break-after:avoid}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);overflow-wrap:break-word;
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:51.5rem;margin:0 auto;padding:3rem 14px 5rem}
h1,h2{font-family:Charter,"Bitstream Charter","Iowan Old Style",Palatino,Cambria,Georgia,serif;font-weight:500;line-height:1.2;text-wrap:balance}
h1{font-size:2.1rem;margin:0 0 .8rem}
h2{font-size:1.4rem;margin:3.2rem 0 .9rem;padding-top:1.1rem;border-top:1px solid var(--rule)}
p{max-width:40rem;margin:0 0 1rem}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:.18em}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
nav{margin:1.4rem 0 0;font-size:.92rem}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.3rem;list-style:none;margin:0;padding:0}
nav a{display:inline-block;padding:.25rem 0}
figure{margin:1.3rem 0 2rem}
figcaption{max-width:40rem;color:var(--faint);font-size:.9rem;line-height:1.45;margin-top:.7rem}
figure.head figcaption{margin:0 0 .6rem}
img{display:block;max-width:100%;height:auto;image-rendering:pixelated}
.rows{display:grid;grid-template-columns:7rem minmax(0,1fr);gap:3px .5rem;align-items:center}
.rows span{font-size:.85rem;color:var(--faint);font-variant-numeric:tabular-nums lining-nums}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.93rem;border-top:1.5px solid var(--strong);border-bottom:1.5px solid var(--strong)}
th,td{padding:.34rem 1.6rem .34rem 0;text-align:left;vertical-align:baseline}
th:last-child,td:last-child{padding-right:0}
th{font-weight:600;border-bottom:1px solid var(--strong)}
tbody tr+tr td{border-top:1px solid var(--rule)}
.number{text-align:right;font-variant-numeric:tabular-nums lining-nums}
td.number{white-space:nowrap}
dl{display:grid;grid-template-columns:fit-content(11rem) minmax(0,1fr);gap:.34rem 1.6rem;margin:0 0 1.4rem;font-size:.93rem}
dt{color:var(--faint)}
dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums lining-nums}
svg{display:block;max-width:100%;height:auto}
.narrow{display:none}
@media (max-width:560px){
main{padding-top:1.6rem}h1{font-size:1.7rem}
.wide{display:none}.narrow{display:block}
.rows{grid-template-columns:minmax(0,1fr)}.rows span:not(:first-child){margin-top:.5rem}
th,td{padding-right:1.1rem}dl{grid-template-columns:fit-content(6.5rem) minmax(0,1fr);column-gap:1.1rem}}
)";

}  // namespace ign::io

#endif  // IGN_IO_REPORT_STYLE_HPP
