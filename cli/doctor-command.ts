import type { Command } from 'commander';
import type { FindingCode } from '@nest-jetstream/transport/operations';
import { openOperations } from './operations/open-operations';
import { addOperationFlags, type OperationFlags } from './operations/operation-flags';
import { printAnswer } from './operations/print-answer';

interface DoctorCommandOptions extends OperationFlags {
  readonly ignore?: string;
}

const HAS_FINDINGS = 2;

/** Adds `doctor`: checks of a server and of the service. */
export function addDoctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .description(
      'Check the server, the permissions of the service, its streams and its consumers. Changes nothing. ' +
        'Exit code: 0 no findings, 2 findings, 1 error.',
    )
    .argument('[streams...]', 'streams, such as ORDERS (default: those of the application)')
    .option('--ignore <codes>', 'codes of findings to leave out, such as ONE_REPLICA,NO_LIMITS');
  addOperationFlags(command).action(run);
}

async function run(streams: readonly string[], options: DoctorCommandOptions): Promise<void> {
  const { connection, ignore } = options;
  const operations = await openOperations(options);
  try {
    const answer = await operations.run('doctor', {
      connection,
      ...(streams.length > 0 ? { streams } : {}),
      // The transport of the project knows its codes, and refuses others.
      ...(ignore === undefined ? {} : { ignore: ignore.split(',') as FindingCode[] }),
    });
    printAnswer(answer, options);
    process.exitCode = answer.result.findings.length > 0 ? HAS_FINDINGS : 0;
  } finally {
    await operations.close();
  }
}
