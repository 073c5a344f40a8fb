import { InvalidArgumentError, Option, type Command } from 'commander';
import { durationMillis, durationOption } from '../../schematics/shared/duration';
import { addConnectionFlags, type ConnectionFlags } from '../nats/connection-flags';
import type { EntryOptions } from './built-entry';

/** Flags of a command that reads the built application. */
export interface ApplicationFlags extends EntryOptions {
  readonly json?: boolean;
  readonly timeout?: number;
}

/** Flags of a command for one connection: of the application, or of the flags. */
export interface OperationFlags extends ApplicationFlags, ConnectionFlags {
  /** Name of a connection of the application. */
  readonly connection?: string;
}

/** Adds the flags of a command that reads the built application. */
export function addApplicationFlags(command: Command): Command {
  return command
    .option('-p, --project <name>', 'project of a monorepo')
    .option('--entry <file>', 'built file that starts the application (default: that of nest build)')
    .addOption(
      new Option('--timeout <duration>', 'maximum time to wait for each answer of the server (default: 5s)').argParser(
        parseTimeout,
      ),
    )
    .option('--json', 'print the result as JSON');
}

/** Adds the flags of a command for one connection. */
export function addOperationFlags(command: Command): Command {
  addConnectionFlags(command).option(
    '--connection <name>',
    'named connection of the application (default: its default)',
  );
  return addApplicationFlags(command);
}

function parseTimeout(text: string): number {
  try {
    return durationMillis(durationOption('timeout', text));
  } catch {
    throw new InvalidArgumentError('Expected a duration such as 5s.');
  }
}
