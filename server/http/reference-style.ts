/** How the reference looks: one column on a phone, the contents beside it where there is room; light or dark. */
export const style = `
:root { color-scheme: light dark; --line: #d5dae0; --soft: #f4f6f8; --dim: #59636e; --link: #0b5cad; --strong: #9a3412; }
@media (prefers-color-scheme: dark) {
  :root { --line: #353d47; --soft: #1d232a; --dim: #9aa5b1; --link: #7cb8f5; --strong: #f0a370; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: .75rem; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) { body { background: #13171c; color: #dfe4ea; } }
header, main, nav { padding: 1rem; }
header { padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
a { color: var(--link); }
h1, h2, h3, h4 { line-height: 1.25; margin: 0 0 .5rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.35rem; } h3 { font-size: 1.15rem; } h4 { font-size: 1rem; }
h2 { margin-top: 2.5rem; padding-top: 1rem; border-top: 2px solid var(--line); }
h3 { margin-top: 2rem; }
h5 { margin: 1rem 0 .25rem; font-size: .85rem; color: var(--dim); }
p { margin: .25rem 0 .5rem; }
code, pre { font: .875em/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; }
pre { background: var(--soft); padding: .75rem; border-radius: .375rem; overflow-x: auto; overflow-wrap: normal; }
nav { font-size: .9rem; border-bottom: 1px solid var(--line); }
nav h2 { margin: .5rem 0 .25rem; padding: 0; border: 0; font-size: 1rem; }
nav ul { list-style: none; margin: 0 0 .5rem; padding: 0 0 0 .9rem; }
nav li { margin: .35rem 0; line-height: 1.35; }
nav a { text-decoration: none; } nav a:hover { text-decoration: underline; }
nav summary { font-weight: 600; }
summary { cursor: pointer; padding: .2rem 0; }
article { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; margin: 0 0 1rem; }
article:target { border-color: var(--link); box-shadow: 0 0 0 1px var(--link); }
.method { font-weight: 700; font-size: .8rem; color: var(--dim); }
.route { margin: 0 0 .5rem; }
.route .method { margin-right: .4rem; }
.rights { font-size: .9rem; }
.words, .place, .dim { color: var(--dim); font-size: .9rem; }
.place { border: 1px solid var(--line); border-radius: .25rem; padding: 0 .3rem; font-size: .75rem; }
strong { color: var(--strong); font-weight: 600; font-size: .8rem; }
.name { font-weight: 600; }
em { font-size: .9rem; }
.members { list-style: none; margin: 0; padding: 0; }
.members li { padding: .25rem 0; }
.members p { margin: 0; font-size: .9rem; }
.members .members { border-left: 2px solid var(--line); padding-left: .75rem; margin: .25rem 0 0 .15rem; }
@media (min-width: 64rem) {
  .page { display: grid; grid-template-columns: 19rem minmax(0, 56rem); }
  nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; border: 0; border-right: 1px solid var(--line); }
  header, main { padding-left: 1.5rem; padding-right: 1.5rem; }
  main { padding-bottom: 4rem; }
}
@media print { nav { display: none; } }
`;
