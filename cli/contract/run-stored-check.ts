import type { Contract } from '../../schematics/contract/read-contract';
import { progressLine } from '../command/progress-line';
import { withStopSignal } from '../command/stop-signal';
import { terminalText } from '../command/terminal-text';
import { openConnection } from '../nats/connect';
import type { ConnectionFlags } from '../nats/connection-flags';
import { checkStored, type StoredCheck, type StoredOptions } from './check-stored';

export interface StoredRun {
  readonly check: StoredCheck;
  /** True if Ctrl-C has stopped it, so that it has a part of the sample only. */
  readonly isInterrupted: boolean;
}

/**
 * Checks stored messages of the server that the flags select. Ctrl-C stops it early.
 * @throws NatsCommandError; SchematicError (`INVALID_OPTION`)
 */
export async function runStoredCheck(
  contract: Contract,
  flags: ConnectionFlags,
  options: Pick<StoredOptions, 'limit' | 'allowed'>,
): Promise<StoredRun | undefined> {
  const line = progressLine();
  const report = (stream: string, read: number, total: number): void =>
    line.show(
      terminalText(
        `${stream}: ${read.toLocaleString('en')} of ${total.toLocaleString('en')} messages read. Ctrl-C stops.`,
      ),
    );
  let run: StoredRun | undefined;
  await withStopSignal(async (signal) => {
    const connection = await openConnection(flags, process.cwd(), 'contract');
    try {
      const check = await checkStored(connection, contract, { ...options, report, signal });
      run = { check, isInterrupted: signal.aborted };
    } finally {
      line.clear();
      await connection.nats.close();
    }
  });
  return run;
}
