// `npm run bench:contract [-- <rounds>]` measures the CPU time of `npx nest-jetstream contract` for
// 500 events, without npx itself.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from '../../scripts/process/environment.mjs';
import { exitOnInterrupt } from '../../scripts/process/interrupt.mjs';
import { run } from '../../scripts/process/run.mjs';
import { build, isBuilt } from '../../scripts/workspace/build.mjs';
import { pinnedNodeFolder, root } from '../../scripts/workspace/root.mjs';
import { scratchFolder } from '../../scripts/workspace/scratch-folder.mjs';
import { EVENTS, makeProject, STYLE_NAMES } from './project.mjs';

const MAIN = join(root, 'dist', 'cli', 'main.js');
const rounds = Number(process.argv[2] ?? 5);

const median = (figures) => figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)];

/** Returns the CPU and the wall time of one run, in ms. */
async function measure(folder) {
  const file = join(folder, 'cpu.txt');
  const preload = new URL('./cpu.mjs', import.meta.url).href;
  const env = childEnvironment({ set: { CPU_FILE: file, NODE_OPTIONS: `--import=${preload}` } });
  const start = performance.now();
  const document = await run(join(pinnedNodeFolder, 'node'), [MAIN, 'contract', '--stdout'], { cwd: folder, env });
  const wall = performance.now() - start;
  const count = document.split('\n').filter((line) => line.startsWith('    address: ')).length;
  if (count !== EVENTS) throw new Error(`The document has ${count} channels instead of ${EVENTS}.`);
  return { cpu: Number(readFileSync(file, 'utf8')), wall };
}

async function main(scratch) {
  if (!isBuilt()) await build(pinnedNodeFolder);
  const projects = STYLE_NAMES.map((style, index) => ({ style, folder: join(scratch, String(index)), runs: [] }));
  for (const { style, folder } of projects) {
    mkdirSync(folder);
    makeProject(folder, style);
  }
  // The first round fills the compile cache of Node.
  for (let round = 0; round <= rounds; round++)
    for (const { folder, runs } of projects) {
      const taken = await measure(folder);
      if (round > 0) runs.push(taken);
    }
  console.log(`${EVENTS} events, ${rounds} rounds in turn, Node ${process.versions.node}.\n`);
  console.log('| events as | CPU, median, ms | CPU, least, ms | wall, median, ms |\n|---|---|---|---|');
  for (const { style, runs } of projects) {
    const [cpu, wall] = ['cpu', 'wall'].map((figure) => runs.map((each) => each[figure]));
    console.log(
      `| ${style} | ${[median(cpu), Math.min(...cpu), median(wall)].map((ms) => ms.toFixed(0)).join(' | ')} |`,
    );
  }
}

const scratch = scratchFolder('bench-contract');
exitOnInterrupt(scratch.remove);
try {
  await main(scratch.path);
} finally {
  scratch.remove();
}
