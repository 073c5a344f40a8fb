import { createHash } from 'node:crypto';

/** A file that the pages load. */
export interface Asset {
  readonly type: string;
  readonly text: string;
}

const STYLE = `
:root { color-scheme: light dark; --back: #fff; --text: #1c2128; --soft: #5a6370; --line: #d5dae1; --band: #f4f6f8; --link: #0550ae; --bad: #b3261e; --warn: #8a5a00 }
@media (prefers-color-scheme: dark) { :root { --back: #14181d; --text: #e3e7ec; --soft: #a3adb9; --line: #38414b; --band: #1d232a; --link: #79b8ff; --bad: #ff9a92; --warn: #e8b65a } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 72rem; padding: 0 1rem 3rem; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; padding: .75rem 0; border-bottom: 1px solid var(--line) }
header > a { font-weight: 600; color: inherit; text-decoration: none }
header > label { margin-left: auto; white-space: nowrap }
nav { padding: .6rem 0 0; color: var(--soft) }
a { color: var(--link) }
h1 { font-size: 1.4rem; margin: .6rem 0; overflow-wrap: anywhere }
h2 { font-size: 1.1rem; margin: 1.6rem 0 .5rem }
table { width: 100%; border-collapse: collapse }
caption { text-align: left; color: var(--soft); padding: 0 0 .4rem }
th, td { padding: .35rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: anywhere }
th { font-weight: 600; color: var(--soft); overflow-wrap: normal }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.soft { color: var(--soft) }
.bad { color: var(--bad); font-weight: 600 }
.warn { color: var(--warn); font-weight: 600 }
.note { padding: .6rem .8rem; margin: 1rem 0; border: 1px solid var(--line); border-left-width: 4px; background: var(--band); overflow-wrap: anywhere }
.note.bad { border-left-color: var(--bad); font-weight: 400; color: inherit }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0 }
dt { color: var(--soft) }
dd { margin: 0; overflow-wrap: anywhere }
pre { margin: 0; padding: .8rem; background: var(--band); border: 1px solid var(--line); overflow: auto; max-height: 40rem; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.45 ui-monospace, monospace }
form { display: flex; flex-wrap: wrap; gap: .5rem .8rem; align-items: end; margin: .8rem 0 }
form table { margin-bottom: .4rem }
form > label { display: flex; flex-direction: column; font-size: .85rem; color: var(--soft) }
input, select, button { font: inherit; font-size: 1rem; color: inherit; background: var(--back); border: 1px solid var(--soft); border-radius: 4px; padding: .3rem .6rem; max-width: 100%; min-height: 2.3rem }
input[type=checkbox] { width: 1.1rem; height: 1.1rem; min-height: 0; vertical-align: middle }
button { background: var(--band); cursor: pointer }
button.danger { border-color: var(--bad); color: var(--bad) }
progress { width: 100% }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
@media (max-width: 40rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line) }
  td { display: flex; gap: 1rem; justify-content: space-between; border: 0; padding: .1rem 0; text-align: right }
  td::before { content: attr(data-title); color: var(--soft); text-align: left; white-space: nowrap }
  dl { grid-template-columns: 1fr }
  dd { padding-bottom: .3rem }
}
`;

/** Replaces the page every few seconds, unless one of its forms is in use. */
const SCRIPT = `
'use strict';
const every = 5000;
const box = document.createElement('input');
box.type = 'checkbox';
box.checked = true;
const label = document.createElement('label');
label.append(box, ' Refresh');
document.querySelector('header').append(label);

const main = () => document.querySelector('main');
const changed = (field) =>
  field.type === 'checkbox' ? field.checked !== field.defaultChecked
  : field.tagName === 'SELECT' ? [...field.options].some((each) => each.selected !== each.defaultSelected)
  : field.value !== field.defaultValue;
const isUsed = () =>
  main().contains(document.activeElement) || !getSelection().isCollapsed ||
  [...main().querySelectorAll('input, select')].some(changed);

async function refresh() {
  if (box.checked && !document.hidden && !isUsed()) {
    try {
      const response = await fetch(location.href);
      const text = await response.text();
      const page = new DOMParser().parseFromString(text, 'text/html');
      const next = page.querySelector('main');
      if (next && !isUsed()) main().replaceWith(next);
      label.lastChild.data = ' Refresh';
    } catch {
      label.lastChild.data = ' Refresh (no answer)';
    }
  }
  setTimeout(refresh, main().dataset.refresh || every);
}
setTimeout(refresh, main().dataset.refresh || every);

document.addEventListener('change', ({ target }) => {
  if (!target.matches('[data-all]')) return;
  for (const each of target.form.querySelectorAll('input[name=select]')) each.checked = target.checked;
});
`;

/** Files by their name. */
export const ASSETS: Readonly<Record<string, Asset>> = {
  'board.css': { type: 'text/css; charset=utf-8', text: STYLE },
  'board.js': { type: 'text/javascript; charset=utf-8', text: SCRIPT },
};

/** Changes with the files, so that browsers can keep them. */
export const ASSETS_VERSION = createHash('sha256')
  .update(STYLE + SCRIPT)
  .digest('hex')
  .slice(0, 12);
