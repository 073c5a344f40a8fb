import type { Command } from 'commander';
import { withStopSignal } from './command/stop-signal';
import { confirm } from './operations/confirm';
import { openApplication } from './operations/open-operations';
import { addApplicationFlags, type ApplicationFlags } from './operations/operation-flags';
import type { Operations } from './operations/operations';
import { exitCodeOf, HAS_CHANGES, IS_REFUSED } from './operations/plan-exit-code';
import { printAnswer } from './operations/print-answer';

interface ApplyCommandOptions extends ApplicationFlags {
  readonly yes?: boolean;
}

/** Adds `apply`: the changes of a start, without starting the application. */
export function addApplyCommand(program: Command): void {
  const command = program
    .command('apply')
    .description(
      'Make the changes that a start of the built application would make on the server, or none if one is refused. ' +
        'Asks first. Exit code: 0 done or nothing to do, 2 declined, 3 refused, 1 error.',
    )
    .option('-y, --yes', 'do not ask');
  addApplicationFlags(command).action(run);
}

async function run(options: ApplyCommandOptions): Promise<void> {
  const operations = await openApplication(options);
  try {
    process.exitCode = await apply(operations, options);
  } finally {
    await operations.close();
  }
}

async function apply(operations: Operations, { yes = false, json = false }: ApplyCommandOptions): Promise<number> {
  const { result: connections, text } = await operations.run('plan', {});
  const code = exitCodeOf(connections);
  if (!json) printAnswer({ result: connections, text }, { json });
  if (code !== HAS_CHANGES) {
    const isRefused = code === IS_REFUSED;
    if (json || isRefused)
      printAnswer({ result: { applied: !isRefused, connections }, text: ['Nothing was changed.'] }, { json });
    return code;
  }
  if (!(await confirm({ command: 'apply', yes, json }))) return HAS_CHANGES;
  const applying = operations.run('apply', { confirmed: connections });
  // Ctrl-C ends the command when the changes are made.
  await withStopSignal(async () => void (await applying));
  const applied = await applying;
  printAnswer(applied, { json });
  // The server may have changed since the plan.
  return applied.result.applied ? 0 : IS_REFUSED;
}
