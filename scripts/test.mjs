// `npm test [-- <suite>...]`, `npm run test:fast`: everything from a clean clone, without dependencies of its own.
import { createNarrator } from './console/narrator.mjs';
import { provideDocker } from './docker/engine.mjs';
import { childEnvironment } from './process/environment.mjs';
import { exitOnInterrupt } from './process/interrupt.mjs';
import { checks } from './test-suites/checks.mjs';
import { runJestSuite } from './test-suites/jest-suite.mjs';
import { forgottenFolders, selectSuites } from './test-suites/suites.mjs';
import { build } from './workspace/build.mjs';
import { install, installIsMissing } from './workspace/install.mjs';
import { scratchFolder } from './workspace/scratch-folder.mjs';
import { resolveNatsServer } from './workspace/nats-server.mjs';
import { requireSupportedNode } from './workspace/node-version.mjs';
import { pinnedNodeFolder } from './workspace/root.mjs';

requireSupportedNode();
const narrator = createNarrator({ width: 20 });
const total = { passed: 0, failed: 0, skipped: 0 };
let broken = false;

/** A step that is no test: its failure fails the run, and is not counted. */
async function prepare(name, work) {
  try {
    return await narrator.step(name, work);
  } catch (error) {
    broken = true;
    narrator.say([error.output, error.message].filter(Boolean).join('\n'));
    return undefined;
  }
}

async function runSuite(suite, env) {
  const { output } = await narrator.step(suite.name, async () => {
    const result = await runJestSuite(suite, env);
    for (const key of Object.keys(total)) total[key] += result[key];
    const failed = result.failed > 0;
    return { failed, note: summary(result), output: result.output };
  });
  return output;
}

/** A suite some of whose tests need hosts: containers. Without docker they are skipped, and the line says why. */
async function runWithHosts(suite, env) {
  const docker = await narrator.step('docker', () => provideDocker(scratch.path));
  try {
    return await runSuite(suite, { ...env, ...docker.env });
  } finally {
    await docker.stop();
  }
}

function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

async function main(args) {
  const names = args.filter((argument) => !argument.startsWith('--'));
  const selected = selectSuites(names, args.includes('--fast'));

  if (installIsMissing()) await prepare('install', install);
  if (!broken) await prepare('build', () => build(pinnedNodeFolder));
  if (broken) return;

  const env = childEnvironment({ firstOnPath: pinnedNodeFolder, set: scratch.env });
  await prepare('find nats-server', async () => {
    const { binary, version, source } = await resolveNatsServer();
    env.NATS_SERVER = binary;
    return { note: `${version} (${source})` };
  });
  if (names.length === 0)
    for (const check of checks) await prepare(check.name, () => check.run(env).then(() => undefined));

  for (const folder of forgottenFolders()) {
    broken = true;
    narrator.say(`test/${folder} is in no suite. Name it in scripts/test-suites/suites.mjs.`);
  }
  for (const suite of selected) {
    const failedBefore = total.failed;
    const output = suite.needsHosts ? await runWithHosts(suite, env) : await runSuite(suite, env);
    if (total.failed > failedBefore) narrator.say(output);
  }
}

const scratch = scratchFolder('test');
exitOnInterrupt(scratch.remove);
try {
  await main(process.argv.slice(2));
} catch (error) {
  broken = true;
  narrator.say(error.message);
} finally {
  scratch.remove();
}
narrator.say(summary(total));
process.exitCode = broken || total.failed > 0 ? 1 : 0;
