// `npm test [-- <suite or spec file>... [-t <test name>]]` and `npm run test:fast` run everything
// from a clean clone, without further set-up.
import { parseArgs } from 'node:util';
import { provideChromium } from './chromium/provide.mjs';
import { createProgress } from './console/progress.mjs';
import { provideDocker } from './docker/engine.mjs';
import { childEnvironment } from './process/environment.mjs';
import { exitOnInterrupt } from './process/interrupt.mjs';
import { checks } from './test-suites/checks.mjs';
import { runJestSuite } from './test-suites/jest-suite.mjs';
import { forgottenFolders, selectSuites } from './test-suites/suites.mjs';
import { build, hasOutput, isBuilt } from './workspace/build.mjs';
import { install, installIsMissing } from './workspace/install.mjs';
import { scratchFolder } from './workspace/scratch-folder.mjs';
import { resolveNatsServer } from './workspace/nats-server.mjs';
import { requireSupportedNode } from './workspace/node-version.mjs';
import { pinnedNodeFolder } from './workspace/root.mjs';

requireSupportedNode();
const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { fast: { type: 'boolean', default: false }, 'test-name': { type: 'string', short: 't' } },
});
const { fast, 'test-name': testName } = values;
const progress = createProgress({ width: 20 });
const total = { passed: 0, failed: 0, skipped: 0 };
let broken = false;

/** Runs a step that is not a test. Its failure fails the run but is not counted. */
async function prepare(name, work) {
  try {
    return await progress.step(name, work);
  } catch (error) {
    broken = true;
    progress.say([error.output, error.message].filter(Boolean).join('\n'));
    return undefined;
  }
}

async function runSuite(suite, env) {
  const { output } = await progress.step(suite.name, async () => {
    const result = await runJestSuite(suite, env, testName);
    for (const key of Object.keys(total)) total[key] += result[key];
    const failed = result.failed > 0;
    return { failed, note: summary(result), output: result.output };
  });
  return output;
}

/** Runs a suite whose tests may need a browser. Without one, they are skipped. */
async function runWithBrowser(suite, env) {
  const chromium = await progress.step('chromium', () => provideChromium());
  return runSuite(suite, { ...env, ...chromium.env });
}

/**
 * Runs a suite whose tests may need containers. Without docker, they are skipped, and the line
 * shows the reason.
 */
async function runWithHosts(suite, env) {
  const docker = await progress.step('docker', () => provideDocker(scratch.path));
  try {
    return await runSuite(suite, { ...env, ...docker.env });
  } finally {
    await docker.stop();
  }
}

function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

async function main() {
  const selected = selectSuites(names, fast);

  if (installIsMissing()) await prepare('install', install);
  // Named spec files run the sources and only need a built nats-server finder.
  const needsBuild = selected.some(({ isNamed, usesSources }) => !isNamed || !usesSources);
  if (!broken && !(needsBuild ? isBuilt() : hasOutput())) await prepare('build', () => build(pinnedNodeFolder));
  if (broken) return;

  const env = childEnvironment({ firstOnPath: pinnedNodeFolder, set: scratch.env });
  await prepare('find nats-server', async () => {
    const { binary, version, source } = await resolveNatsServer();
    env.NATS_SERVER = binary;
    return { note: `${version} (${source})` };
  });
  if (names.length === 0)
    for (const check of checks.filter(({ slow }) => !(fast && slow)))
      await prepare(check.name, () => check.run(env).then(() => undefined));

  for (const folder of forgottenFolders()) {
    broken = true;
    progress.say(`test/${folder} is in no suite. Name it in scripts/test-suites/suites.mjs.`);
  }
  for (const suite of selected) {
    const failedBefore = total.failed;
    const run = suite.needsHosts ? runWithHosts : suite.needsBrowser ? runWithBrowser : runSuite;
    const output = await run(suite, env);
    if (suite.isNamed || total.failed > failedBefore) progress.say(output);
  }
}

const scratch = scratchFolder('test');
exitOnInterrupt(scratch.remove);
try {
  await main();
} catch (error) {
  broken = true;
  progress.say(error.message);
} finally {
  scratch.remove();
}
progress.say(summary(total));
process.exitCode = broken || total.failed > 0 ? 1 : 0;
