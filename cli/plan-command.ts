import type { Command } from 'commander';
import type { ConnectionPlan } from '@nest-jetstream/transport/operations';
import { findBuiltEntry, type EntryOptions } from './operations/built-entry';
import { planApplication } from './operations/plan-application';

interface PlanCommandOptions extends EntryOptions {
  readonly json?: boolean;
}

const HAS_CHANGES = 2;
const IS_REFUSED = 3;

/** Adds `plan`: the changes that a start of the built application makes. */
export function addPlanCommand(program: Command): void {
  program
    .command('plan')
    .description(
      'Show the changes that a start of the built application would make on the server. Changes nothing. ' +
        'Exit code: 0 nothing to do, 2 changes, 3 refused, 1 error.',
    )
    .option('-p, --project <name>', 'project of a monorepo')
    .option('--entry <file>', 'built file that starts the application (default: that of nest build)')
    .option('--json', 'print the plan as JSON')
    .action(run);
}

async function run({ json = false, ...options }: PlanCommandOptions): Promise<void> {
  const { path, newerSource } = findBuiltEntry(process.cwd(), options);
  if (newerSource !== undefined)
    process.stderr.write(`warning: ${newerSource} is newer than the build. Run 'npm run build' first.\n`);
  const { connections, text } = await planApplication(path);
  process.stdout.write(`${json ? JSON.stringify({ connections }, null, 2) : text.join('\n')}\n`);
  process.exitCode = exitCodeOf(connections);
}

function exitCodeOf(connections: readonly ConnectionPlan[]): number {
  const actions = new Set(connections.flatMap(({ steps }) => steps.map(({ action }) => action)));
  if (actions.has('refuse')) return IS_REFUSED;
  return actions.has('create') || actions.has('update') ? HAS_CHANGES : 0;
}
