import type { Command } from 'commander';
import { openApplication } from './operations/open-operations';
import { addApplicationFlags, type ApplicationFlags } from './operations/operation-flags';
import { exitCodeOf } from './operations/plan-exit-code';
import { printAnswer } from './operations/print-answer';

/** Adds `plan`: the changes that a start of the built application makes. */
export function addPlanCommand(program: Command): void {
  const command = program
    .command('plan')
    .description(
      'Show the changes that a start of the built application would make on the server. Changes nothing. ' +
        'Exit code: 0 nothing to do, 2 changes, 3 refused, 1 error.',
    );
  addApplicationFlags(command).action(run);
}

async function run(flags: ApplicationFlags): Promise<void> {
  const operations = await openApplication(flags);
  try {
    const { result: connections, text } = await operations.run('plan', {});
    printAnswer({ result: { connections }, text }, flags);
    process.exitCode = exitCodeOf(connections);
  } finally {
    await operations.close();
  }
}
