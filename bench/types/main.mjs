// `npm run bench:types [-- <rounds>]`: what typed subjects cost the compiler and the editor, against the same contract with Nest alone.
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
const rounds = Number(process.argv[2] ?? 9);

/** Compiles both in turn, so that what else the machine does falls on both. */
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

  console.log(`${STREAMS * SUBJECTS_OF_A_STREAM} subjects, ${STREAMS} streams; the best of ${rounds} rounds.\n`);
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
    ['the subject', '', 'S0_E0'],
    ["the event's fields", 'S0_E0, { ', 'amount'],
  ];
  console.log(`Completion inside \`client.emit(\` after a keystroke, ms, TypeScript 6\n\n${HEAD}`);
  for (const [name, text, expected] of places)
    console.log(completionRow(name, ...projects.map((project) => timeCompletion(project, text, expected))));
}

const scratch = scratchFolder('bench-types');
exitOnInterrupt(scratch.remove);
try {
  await main(scratch.path);
} finally {
  scratch.remove();
}
