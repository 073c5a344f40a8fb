// `npm run bench [-- [options] <group>…]` compares the transport with nats.js in one run and writes
// a report. Prefixes such as `consume memory` select groups. The default is all groups. Options:
// `--pairs 7`, `--scale 1` and `--render`. `--variants auto,defaults` measures only these variants.
// `--against FILE` also measures another build from `npm pack`, without a report.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exitOnInterrupt } from '../../scripts/process/interrupt.mjs';
import { root } from '../../scripts/workspace/root.mjs';
import { scratchFolder } from '../../scripts/workspace/scratch-folder.mjs';
import { comparedWith, unpackEarlier } from './peers/earlier.mjs';
import { installReference } from './peers/reference.mjs';
import { chart } from './report/chart.mjs';
import { conditions } from './report/machine.mjs';
import { loadResults, saveResults } from './report/store.mjs';
import { resultsText } from './report/table.mjs';
import { selectGroups } from './rows/groups.mjs';
import { interleave } from './run/interleave.mjs';
import { rowsOf } from './run/results.mjs';
import { startServer } from './run/server.mjs';

const FILES = {
  results: join(root, 'bench', 'results.json'),
  table: join(root, 'bench', 'RESULTS.md'),
  chart: join(root, 'bench', 'results.svg'),
  notes: join(root, 'bench', 'NOTES.md'),
};
const say = (text) => console.log(text);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: 'string', default: '7' },
    scale: { type: 'string', default: '1' },
    variants: { type: 'string' },
    against: { type: 'string' },
    render: { type: 'boolean', default: false },
  },
});

async function measure(storeDir) {
  const earlier = values.against && (await unpackEarlier(values.against));
  const peers = earlier ? {} : { reference: await installReference(say) };
  const server = await startServer(storeDir);
  try {
    for (const selected of selectGroups(positionals, values.variants?.split(','))) {
      const group = earlier ? comparedWith(selected, earlier) : selected;
      say(`\n${group.name}`);
      const variants = await group.prepare({ ...server, peers }, Number(values.scale));
      const rounds = group.rounds ?? Number(values.pairs);
      const rows = rowsOf(group, await interleave(variants, rounds, say));
      for (const row of rows) say(`  ${row.name}: ${row.skipped ?? ratioText(row.value)}`);
      if (earlier || values.variants) continue;
      const results = loadResults(FILES.results);
      results.conditions = conditions(server.version);
      results.groups[group.name] = { date: new Date().toISOString().slice(0, 10), rows };
      saveResults(FILES.results, results);
    }
  } finally {
    await server.stop();
  }
}

function ratioText({ median, least, greatest }) {
  return `${median.toFixed(2)} (${least.toFixed(2)}–${greatest.toFixed(2)})`;
}

/** Writes the report in the order of the groups. */
function render() {
  const results = loadResults(FILES.results);
  const ordered = selectGroups([]).flatMap(({ name }) => (results.groups[name] ? [[name, results.groups[name]]] : []));
  const groups = Object.fromEntries(ordered);
  const notes = existsSync(FILES.notes) ? readFileSync(FILES.notes, 'utf8').split('\n') : [];
  writeFileSync(FILES.table, resultsText({ ...results, groups }, notes));
  writeFileSync(FILES.chart, chart(Object.values(groups).flatMap(({ rows }) => rows)));
}

const scratch = scratchFolder('bench');
exitOnInterrupt(scratch.remove);
try {
  if (!values.render) await measure(scratch.path);
  if (!values.against && !values.variants) render();
} finally {
  scratch.remove();
}
