// `npm run bench:types [-- <rounds>]` measures the compiler and the editor with typed subjects, and
// with the same contract in plain Nest.
import { build } from '../../scripts/workspace/build.mjs';
import { exitOnInterrupt } from '../../scripts/process/interrupt.mjs';
import { pinnedNodeFolder } from '../../scripts/workspace/root.mjs';
import { scratchFolder } from '../../scripts/workspace/scratch-folder.mjs';
import { timeCompletion } from './completion.mjs';
import { FORMS, STREAMS, SUBJECTS_OF_A_STREAM } from './contract.mjs';
import { compile } from './diagnostics.mjs';
import { COMPILERS, installPackages, makeProject } from './project.mjs';
import { completionRow, HEAD, row } from './report.mjs';

const FIGURES = [
  ['check time, ms', 'checkMs'],
  ['total time, ms', 'totalMs'],
  ['instantiations', 'instantiations'],
  ['memory, MB', 'memoryMb'],
];
const HANDLERS = ['@EventPattern(', '@JetStreamConsumer('];
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
  const forms = [];
  for (const [index, { name, plain, typed }] of FORMS.entries())
    forms.push({
      name,
      projects: [
        await makeProject(folder, `plain-${index}`, plain),
        await makeProject(folder, `typed-${index}`, typed),
      ],
    });

  console.log(`${STREAMS * SUBJECTS_OF_A_STREAM} subjects, ${STREAMS} streams; best of ${rounds} rounds.\n`);
  for (const compiler of COMPILERS) {
    for (const { name, projects } of forms) {
      const [plainRuns, typedRuns] = await compileInTurn(projects, compiler);
      const rows = FIGURES.map(([figure, key]) =>
        row(
          figure,
          plainRuns.map((run) => run[key]),
          typedRuns.map((run) => run[key]),
        ),
      );
      console.log(`TypeScript ${compiler.replace('ts-', '')}, ${name}\n\n${HEAD}\n${rows.join('\n')}\n`);
    }
  }
  const places = [
    ['the subject of an emit', 'this.client.emit(', '', 'S0_E0'],
    ['the fields of an event', 'this.client.emit(', 'S0_E0, { ', 'amount'],
    ['the subject of a handler', HANDLERS, '', 'S0_E0'],
    ['the options of a handler', HANDLERS, 'S0_E0, { ', 'maxDeliver'],
  ];
  console.log(`Completion after a keystroke, median, ms, TypeScript 6\n\n${HEAD}`);
  for (const [name, begin, text, expected] of places) {
    const times = forms[0].projects.map((project, index) =>
      timeCompletion(project, begin === HANDLERS ? HANDLERS[index] : begin, text, expected),
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
