// `npm run conformance:mutations` breaks lines on which the guarantees depend, and fails unless the
// conformance suite notices each.
import { join } from 'node:path';
import { staleMutations } from './mutations/mutant.mjs';
import { mutations } from './mutations/mutations.mjs';
import { rowsOf, runRows } from './mutations/run-rows.mjs';
import { resolveNatsServer } from './workspace/nats-server.mjs';
import { root } from './workspace/root.mjs';

const FOLDER = join(root, '.cache', 'mutations');
/** Rows spend most of their time waiting. */
const SIDE_BY_SIDE = 2;

const { binary } = await resolveNatsServer();
const wanted = process.argv.slice(2).join(' ');
const chosen = mutations.filter(({ name }) => name.includes(wanted));
if (chosen.length === 0) throw new Error(`Unknown mutation '${wanted}'.`);
const stale = staleMutations(chosen);
if (stale.length > 0) throw new Error(`Outdated mutations:\n${stale.join('\n')}`);
const began = performance.now();

function firstLine(text) {
  const plain = text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '');
  const lines = plain.split('\n').filter((line) => line.trim() && !/^(Error|AssertionError)?:?\s*$/.test(line));
  return lines.slice(0, 2).join(' ').slice(0, 160);
}

/** @returns {Promise<boolean>} true if the suite noticed */
async function judge(mutation, at) {
  const { name, spec, rows } = mutation;
  const since = performance.now();
  const { passed, failures } = await runRows({
    folder: join(FOLDER, String(at)),
    binary,
    mutation,
    targets: [mutation],
  });
  const seconds = Math.round((performance.now() - since) / 1_000);
  const [failure] = failures;
  if (failure)
    console.log(
      `noticed   ${name} (${seconds} s)\n          by ${spec} › ${failure.title}: ${firstLine(failure.message)}`,
    );
  else console.log(`SURVIVED  ${name} (${seconds} s): ${passed.length} rows of ${spec} /${rows}/ pass`);
  return failure !== undefined;
}

const control = await runRows({ folder: join(FOLDER, 'control'), binary, targets: chosen });
for (const { title, message } of control.failures) console.log(`FAILS without any mutation: ${title}\n${message}`);
const unmatched = chosen.filter((mutation) => !control.passed.some((title) => rowsOf(mutation).test(title)));
for (const { name, rows } of unmatched) console.log(`NO ROW for ${name}: /${rows}/`);
const isSound = control.failures.length === 0 && unmatched.length === 0;

let noticed = 0;
if (isSound) {
  console.log(`${control.passed.length} rows pass without a mutation.`);
  const waiting = chosen.entries();
  const work = async () => {
    for (const [at, mutation] of waiting) if (await judge(mutation, at)) noticed++;
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
}
const seconds = Math.round((performance.now() - began) / 1_000);
console.log(`${noticed} of ${chosen.length} mutations were noticed, in ${seconds} s.`);
process.exitCode = noticed === chosen.length ? 0 : 1;
