import { assertNames, assertRedriveTarget } from '../admin/admin-arguments';
import { createRedrive } from '../dead-letter/create-redrive';
import { deadLetterMatcher } from '../dead-letter/dead-letter-filter';
import type { RedriveFailure } from '../errors/redrive.errors';
import type { JetStreamSession } from '../session/jetstream-session';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { selectDeadLetters, type DeadLetterChange, type DeadLetterChangeOptions } from './dead-letter-change';
import { operate } from './with-session';

/** Options of {@link redriveDeadLetters}. */
export interface RedriveDeadLettersOptions extends DeadLetterChangeOptions {
  /** Receiver of the messages, as in `JetStreamAdmin.redrive`. Default: `'consumer'`. */
  readonly to?: 'consumer' | 'subject' | undefined;
}

/** A dead letter that is kept, and the reason. */
export interface DeadLetterFailure extends Omit<RedriveFailure, 'error' | 'consumer'> {
  readonly durable: string;
  /** Code of the error. */
  readonly code: string;
  readonly message: string;
}

export interface DeadLettersRedriven extends DeadLetterChange {
  readonly to: 'consumer' | 'subject';
  /** Number of redriven dead letters. 0 for a dry run. */
  readonly redriven: number;
  /** Dead letters that could not be redriven. */
  readonly failures: readonly DeadLetterFailure[];
}

/**
 * Redrives dead letters, oldest first. Dead letters that are stored during the call are not
 * redriven. One that cannot be redriven is kept, and does not block the others. An interrupted call
 * can be repeated: no message is redriven twice.
 * @throws MissingStreamError (`MISSING_STREAM`), AdminNotAllowedError (`ADMIN_NOT_ALLOWED`),
 * InvalidOptionError (`INVALID_OPTION`), StaleSelectionError (`STALE_SELECTION`);
 * AdminTimeoutError (`ADMIN_TIMEOUT`) and PublishTimeoutError (`PUBLISH_TIMEOUT`) if the server
 * stops answering
 */
export async function redriveDeadLetters(
  session: JetStreamSession,
  options: RedriveDeadLettersOptions,
): Promise<DeadLettersRedriven> {
  const { stream, durable, to = 'consumer', dryRun: isDryRun = false, signal, onProgress } = options;
  assertNames(stream, durable);
  assertRedriveTarget(to);
  deadLetterMatcher(options);
  const task = { what: `redrive dead letters of stream '${stream}'`, stream: deadLetterStreamName(stream) };
  return operate(session, task, async (open) => {
    const selected = await selectDeadLetters(open, options);
    const common = { stream, to, isDryRun, ...selected };
    if (isDryRun) return { ...common, redriven: 0, failures: [], isComplete: true };
    const redrive = createRedrive(session, open, stream, to);
    const { failures, ...done } = await redrive.each(selected.selection.deadLetterSequences, { signal, onProgress });
    return { ...common, ...done, failures: failures.map(asData) };
  });
}

function asData({ consumer: durable, error, ...failure }: RedriveFailure): DeadLetterFailure {
  return { durable, ...failure, code: error.code, message: error.message };
}
