// `npm run quickstart [-- --keep | --record]` runs all steps of the quickstart on a real Nest
// project and a real nats-server.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProgress } from './console/progress.mjs';
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
const progress = createProgress();
const scratch = scratchFolder('quickstart');
const cleanUps = [];
let cleaned;

// An interrupt may arrive during the cleanup after a failure.
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
    progress,
    folder: scratch.path,
    onCleanUp: (work) => cleanUps.push(work),
  });
  await cleanUp();
  progress.say(`Done in ${((performance.now() - since) / 1000).toFixed(0)} s.`);
  if (record) writeFileSync(join(root, 'docs', 'quickstart.svg'), recording.svg());
  if (keep) progress.say(describeKept(shop.path));
} catch (error) {
  progress.say([error.output, error.message].filter(Boolean).join('\n'));
  await cleanUp();
  if (keep) progress.say(`The incomplete project is in ${scratch.path}.`);
  process.exitCode = 1;
}
