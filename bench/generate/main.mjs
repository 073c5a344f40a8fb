// `npm run bench:generate [-- <rounds>]` compares our generators with the generator of Nest in the
// same project.
import { cpus } from 'node:os';
import { childEnvironment } from '../../scripts/process/environment.mjs';
import { exitOnInterrupt } from '../../scripts/process/interrupt.mjs';
import { run } from '../../scripts/process/run.mjs';
import { createRecording } from '../../scripts/quickstart/recording.mjs';
import { shopIn } from '../../scripts/quickstart/shop.mjs';
import { build } from '../../scripts/workspace/build.mjs';
import { pack } from '../../scripts/workspace/pack.mjs';
import { scratchFolder } from '../../scripts/workspace/scratch-folder.mjs';

const rounds = Number(process.argv[2] ?? 11);

/**
 * Commands to compare. Each creates files with a different name.
 * @type {[string, (name: string) => string[]][]}
 */
const COMMANDS = [
  ['npx nest g controller', (name) => ['nest', 'g', 'controller', name]],
  ['npx nest g jetstream-consumer', (name) => ['nest', 'g', 'jetstream-consumer', `order.a${name}`]],
  ['npx nest-jetstream generate consumer', (name) => ['nest-jetstream', 'generate', 'consumer', `order.b${name}`]],
];

async function time(shop, args) {
  const start = performance.now();
  await run('npx', ['--no', ...args], { cwd: shop.path, env: childEnvironment({ set: { CI: 'true' } }) });
  return performance.now() - start;
}

/**
 * Runs the commands in turn, so that other load affects all of them. The first round warms caches.
 */
async function measure(shop) {
  const times = COMMANDS.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, [, argsOf]] of COMMANDS.entries()) {
      const taken = await time(shop, argsOf(`x${round}`));
      if (round > 0) times[index].push(taken);
    }
  }
  return times;
}

const median = (figures) => figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)];

async function main(folder) {
  await build();
  const shop = shopIn(folder, createRecording());
  await shop.create();
  await shop.addPackages(await pack(folder));
  await shop.generateStream();
  const times = await measure(shop);
  const [stock] = times;
  console.log(`${rounds} rounds in turn, Node ${process.versions.node}, ${cpus().length} cores, wall times.\n`);
  console.log('| command | median, ms | least, ms | median of the ratios to the first |\n|---|---|---|---|');
  for (const [index, [name]] of COMMANDS.entries()) {
    const ratios = times[index].map((taken, round) => taken / stock[round]);
    const figures = [median(times[index]), Math.min(...times[index])].map((figure) => figure.toFixed(0));
    console.log(`| \`${name}\` | ${figures.join(' | ')} | ${median(ratios).toFixed(2)} |`);
  }
}

const scratch = scratchFolder('bench-generate');
exitOnInterrupt(scratch.remove);
try {
  await main(scratch.path);
} finally {
  scratch.remove();
}
