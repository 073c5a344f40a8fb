import { Command, CommanderError } from 'commander';
import { packageVersion } from '../schematics/shared/package-version';
import { tolerateClosedOutput } from './command/closed-output';
import { described } from './command/report';
import { terminalLines } from './command/terminal-text';
import { throwInsteadOfExit } from './command/throw-instead-of-exit';
import { addApplyCommand } from './apply-command';
import { addBoardCommand } from './board-command';
import { addDlqCommand } from './dlq-command';
import { addDoctorCommand } from './doctor-command';
import { addContractCommand } from './contract-command';
import { addSchematicCommands } from './generate-command';
import { addPlanCommand } from './plan-command';
import { addPublishCommand } from './publish-command';
import { addPullCommand } from './pull-command';
import { addReplayCommand } from './replay-command';
import { addServerCommand } from './server-command';
import { addStatusCommand } from './status-command';
import { addTailCommand } from './tail-command';

const INTERRUPTED = 130;
const wantsJson = process.argv.includes('--json');

/** Runs the command line of this process. */
export function runProgram(): void {
  tolerateClosedOutput();
  const program = new Command('nest-jetstream')
    .description('Typed, durable events over NATS JetStream for Nest.')
    .version(packageVersion());
  addSchematicCommands(program);
  addServerCommand(program);
  addTailCommand(program);
  addPublishCommand(program);
  addPlanCommand(program);
  addApplyCommand(program);
  addReplayCommand(program);
  addStatusCommand(program);
  addDoctorCommand(program);
  addDlqCommand(program);
  addBoardCommand(program);
  addContractCommand(program);
  addPullCommand(program);
  // With --json, a mistyped option is reported as JSON, too.
  if (wantsJson) throwInsteadOfExit(program);

  program.parseAsync().catch((error: unknown) => {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    // Ctrl-C at a question changes no file and needs no message.
    const isInterrupted =
      error instanceof Error && (error.name === 'ExitPromptError' || described(error).code === 'CANCELLED');
    process.exitCode = isInterrupted ? INTERRUPTED : 1;
    if (!isInterrupted) report(error);
  });
}

function report(error: unknown): void {
  if (wantsJson) {
    process.stdout.write(`${JSON.stringify({ files: [], messages: [], error: described(error) }, null, 2)}\n`);
    return;
  }
  // The message of an expected failure is sufficient. The stack is for debugging.
  const isDebugged = process.env['DEBUG'] === 'nest-jetstream';
  const text = error instanceof Error ? (isDebugged && error.stack) || error.message : String(error);
  process.stderr.write(`error: ${terminalLines(text)}\n`);
}
