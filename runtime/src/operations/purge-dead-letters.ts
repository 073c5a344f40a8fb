import { assertNames } from '../admin/admin-arguments';
import type { DeadLetterEntry } from '../dead-letter/dead-letter-entry';
import { deadLetterMatcher } from '../dead-letter/dead-letter-filter';
import { MissingMessageError } from '../errors/admin.errors';
import { isInstance } from '../errors/thrown-value';
import { DEAD_LETTER_HEADERS, deadLetterContentSubject, redriveSubject } from '../message/dead-letter';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { eraseStoredMessage } from '../stream/erase-message';
import { storedAs } from '../stream/stored-message';
import { selectDeadLetters, type DeadLetterChange, type DeadLetterChangeOptions } from './dead-letter-change';
import { operate } from './with-session';

/** Number of concurrent requests. */
const IN_FLIGHT = 32;

export interface DeadLettersPurged extends DeadLetterChange {
  /** Number of removed dead letters. 0 for a dry run. */
  readonly purged: number;
}

/**
 * Removes dead letters permanently. Dead letters that are stored during the call are kept. Pass the
 * `selection` of a dry run to remove exactly those.
 * @throws MissingStreamError (`MISSING_STREAM`), AdminNotAllowedError (`ADMIN_NOT_ALLOWED`),
 * AdminTimeoutError (`ADMIN_TIMEOUT`), InvalidOptionError (`INVALID_OPTION`), StaleSelectionError
 * (`STALE_SELECTION`)
 */
export async function purgeDeadLetters(
  session: JetStreamSession,
  options: DeadLetterChangeOptions,
): Promise<DeadLettersPurged> {
  const { stream, durable, dryRun: isDryRun = false, signal, onProgress } = options;
  assertNames(stream, durable);
  deadLetterMatcher(options);
  const task = { what: `purge dead letters of stream '${stream}'`, stream: deadLetterStreamName(stream) };
  return operate(session, task, async (open) => {
    const separate = new Map<number, DeadLetterEntry>();
    const selected = await selectDeadLetters(open, options, (entry) => {
      if (entry.contentSequence !== undefined) separate.set(entry.deadLetterSequence, entry);
    });
    const common = { stream, isDryRun, ...selected };
    if (isDryRun) return { ...common, purged: 0, isComplete: true };
    const { deadLetterSequences: sequences } = selected.selection;
    let purged = 0;
    let done = 0;
    for (let at = 0; at < sequences.length; at += IN_FLIGHT) {
      if (signal?.aborted) break;
      const removing = sequences.slice(at, at + IN_FLIGHT).map(async (sequence) => {
        if (await erase(open, task.stream, sequence)) purged++;
        const entry = separate.get(sequence);
        if (entry) await eraseContent(open, task.stream, entry);
        done++;
        onProgress?.({ done, failed: 0, total: sequences.length });
      });
      await allOf(removing);
    }
    return { ...common, purged, isComplete: done === sequences.length };
  });
}

/** Waits for all, so that none is in flight after a failure. */
async function allOf(promises: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(promises)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Returns false if the message is gone. */
async function erase(open: Pick<OpenSession, 'manager'>, deadLetters: string, sequence: number): Promise<boolean> {
  try {
    await eraseStoredMessage(open, deadLetters, sequence, false);
    return true;
  } catch (error) {
    if (isInstance(error, MissingMessageError)) return false;
    throw error;
  }
}

/** Erases the separate body of a dead letter, unless a redriven copy of it needs the body. */
async function eraseContent({ manager }: OpenSession, deadLetters: string, entry: DeadLetterEntry): Promise<void> {
  const { stream, durable: consumer, sequence, contentSequence = 0 } = entry;
  const key = { stream, consumer, sequence };
  const copy = await manager.streams.getMessage(deadLetters, { last_by_subj: redriveSubject(key) });
  if (Number(copy?.header.get(DEAD_LETTER_HEADERS.content)) === contentSequence) return;
  if (await storedAs(manager, deadLetters, contentSequence, deadLetterContentSubject(key)))
    await erase({ manager }, deadLetters, contentSequence);
}
