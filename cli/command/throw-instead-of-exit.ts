import type { Command } from 'commander';

/** Makes a command and its subcommands throw errors instead of printing them and exiting. */
export function throwInsteadOfExit(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  command.commands.forEach(throwInsteadOfExit);
}
