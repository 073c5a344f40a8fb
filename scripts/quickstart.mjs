// `npm run quickstart [-- --keep | --record]`: the whole product on a real Nest project and a real
// nats-server.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNarrator } from './console/narrator.mjs';
import { endChildren } from './process/children.mjs';
import { exitOnInterrupt } from './process/interrupt.mjs';
import { describeKept } from './quickstart/report.mjs';
import { takeSteps } from './quickstart/steps.mjs';
import { requireSupportedNode } from './workspace/node-version.mjs';
import { root } from './workspace/root.mjs';
import { scratchFolder } from './workspace/scratch-folder.mjs';

requireSupportedNode();
const keep = process.argv.includes('--keep');
const record = process.argv.includes('--record');
const narrator = createNarrator();
const scratch = scratchFolder('quickstart');
const cleanUps = [];
let cleaned;

// An interrupt may come while a failure is cleaning up already.
function cleanUp() {
  cleaned ??= endChildren()
    .then(() => Promise.allSettled(cleanUps.map((work) => work())))
    .then(() => (keep ? undefined : scratch.remove()));
  return cleaned;
}

exitOnInterrupt(cleanUp);
const since = performance.now();
try {
  const { shop, recording } = await takeSteps({
    narrator,
    folder: scratch.path,
    onCleanUp: (work) => cleanUps.push(work),
  });
  await cleanUp();
  narrator.say(`Done in ${((performance.now() - since) / 1000).toFixed(0)} s.`);
  if (record) writeFileSync(join(root, 'docs', 'quickstart.svg'), recording.svg());
  if (keep) narrator.say(describeKept(shop.path));
} catch (error) {
  narrator.say([error.output, error.message].filter(Boolean).join('\n'));
  await cleanUp();
  if (keep) narrator.say(`What was made until then is in ${scratch.path}.`);
  process.exitCode = 1;
}
