// `npm run bench:types [-- <rounds>]` measures the compiler and the editor with typed subjects, and
// with the same contract in plain Nest.
import { build } from '../../scripts/workspace/build.mjs';
import { exitOnInterrupt } from '../../scripts/process/interrupt.mjs';
import { pinnedNodeFolder } from '../../scripts/workspace/root.mjs';
import { scratchFolder } from '../../scripts/workspace/scratch-folder.mjs';
import { timeCompletion } from './completion.mjs';
import { plain, STREAMS, SUBJECTS_OF_A_STREAM, typed } from './contract.mjs';
import { compile } from './diagnostics.mjs';
import { COMPILERS, installPackages, makeProject } from './project.mjs';
import { completionRow, HEAD, row } from './report.mjs';

const FIGURES = [
  ['check time, ms', 'checkMs'],
  ['total time, ms', 'totalMs'],
  ['instantiations', 'instantiations'],
  ['memory, MB', 'memoryMb'],
];
const HANDLERS = { plain: '@EventPattern(', typed: '@JetStreamConsumer(' };
const rounds = Number(process.argv[2] ?? 9);

/** Compiles both projects alternately, so that other load of the machine affects both. */
async function compileInTurn(projects, compiler) {
  const results = projects.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [index, project] of projects.entries()) results[index].push(await compile(project, compiler));
  return results;
}

async function main(folder) {
  await build(pinnedNodeFolder);
  await installPackages(folder);
  const projects = [await makeProject(folder, 'plain', plain), await makeProject(folder, 'typed', typed)];

  console.log(`${STREAMS * SUBJECTS_OF_A_STREAM} subjects, ${STREAMS} streams; best of ${rounds} rounds.\n`);
  for (const compiler of COMPILERS) {
    const [plainRuns, typedRuns] = await compileInTurn(projects, compiler);
    const rows = FIGURES.map(([name, key]) =>
      row(
        name,
        plainRuns.map((run) => run[key]),
        typedRuns.map((run) => run[key]),
      ),
    );
    console.log(`TypeScript ${compiler.replace('ts-', '')}\n\n${HEAD}\n${rows.join('\n')}\n`);
  }
  const places = [
    ['the subject of an emit', 'this.client.emit(', '', 'S0_E0'],
    ['the fields of an event', 'this.client.emit(', 'S0_E0, { ', 'amount'],
    ['the subject of a handler', HANDLERS, '', 'S0_E0'],
    ['the options of a handler', HANDLERS, 'S0_E0, { ', 'maxDeliver'],
  ];
  console.log(`Completion after a keystroke, median, ms, TypeScript 6\n\n${HEAD}`);
  for (const [name, begin, text, expected] of places) {
    const times = projects.map((project) =>
      timeCompletion(project, begin === HANDLERS ? HANDLERS[project.name] : begin, text, expected),
    );
    console.log(completionRow(name, ...times));
  }
}

const scratch = scratchFolder('bench-types');
exitOnInterrupt(scratch.remove);
try {
  await main(scratch.path);
} finally {
  scratch.remove();
}
