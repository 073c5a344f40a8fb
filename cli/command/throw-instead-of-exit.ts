import type { Command } from 'commander';

/**
 * Has a command, and all commands below it, throw what it would print before ending the process.
 */
export function throwInsteadOfExit(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  command.commands.forEach(throwInsteadOfExit);
}
