// `npm run bench:check` measures the most important rows briefly. It fails only if a ratio is more
// than twice its target, which exceeds noise.
import { exitOnInterrupt } from '../../scripts/process/interrupt.mjs';
import { scratchFolder } from '../../scripts/workspace/scratch-folder.mjs';
import { selectGroups } from './rows/groups.mjs';
import { interleave } from './run/interleave.mjs';
import { rowsOf } from './run/results.mjs';
import { startServer } from './run/server.mjs';

const GROUPS = ['consume memory 128', 'publish memory 128 256', 'publish memory 128 one by one'];
const ROUNDS = 3;
const SCALE = 0.5;
const TOLERANCE = 2;
/** Its prefetch grows with the rate of its handlers, for longer than these short runs. */
const GROWING = 'defaults';

/** Keeps the rows with a target that need no additional package. */
function withTargets(group) {
  return {
    ...group,
    rows: group.rows.filter(
      ({ target, against, variant }) => target !== undefined && against !== 'reference' && variant !== GROWING,
    ),
  };
}

function needed(variants, rows) {
  const names = new Set(rows.flatMap(({ variant, against }) => [variant, against]));
  return Object.fromEntries(Object.entries(variants).filter(([name]) => names.has(name)));
}

async function check(storeDir) {
  const server = await startServer(storeDir);
  const tooSlow = [];
  try {
    for (const group of GROUPS.flatMap((name) => selectGroups([name])).map(withTargets)) {
      const variants = needed(await group.prepare({ ...server, peers: {} }, SCALE), group.rows);
      for (const { name, value, target } of rowsOf(group, await interleave(variants, ROUNDS, () => {}))) {
        console.log(`${name}: ${value.median.toFixed(2)}, target ${target}`);
        if (value.median > target * TOLERANCE) tooSlow.push(name);
      }
    }
  } finally {
    await server.stop();
  }
  return tooSlow;
}

const scratch = scratchFolder('bench-check');
exitOnInterrupt(scratch.remove);
try {
  const tooSlow = await check(scratch.path);
  if (tooSlow.length > 0) console.error(`More than twice the target: ${tooSlow.join('; ')}.`);
  process.exitCode = tooSlow.length > 0 ? 1 : 0;
} finally {
  scratch.remove();
}
