import type { StreamInfo } from '@nats-io/jetstream';
import { assertNames } from '../admin/admin-arguments';
import type { DeadLetterEntry } from '../dead-letter/dead-letter-entry';
import { deadLetterMatcher, type DeadLetterFilter } from '../dead-letter/dead-letter-filter';
import { readDeadLetters } from '../dead-letter/read-dead-letters';
import { MissingStreamError } from '../errors/admin.errors';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { findStream } from '../stream/find-stream';
import { DeadLetterGroups, type DeadLetterGroup } from './group-dead-letters';
import { operate } from './with-session';

/** Options of {@link listDeadLetters}. */
export interface ListDeadLettersOptions extends DeadLetterFilter {
  /** Stream whose messages were dead-lettered. Default: all streams with dead letters. */
  readonly stream?: string | undefined;
  /** Limit of `letters`. Groups and counts have all dead letters. Default: 0. */
  readonly limit?: number | undefined;
  /** Begins `letters` after this `deadLetterSequence`, for the next page of one stream. */
  readonly after?: number | undefined;
}

export interface DeadLetterList {
  /** Streams whose dead letters were read. */
  readonly streams: readonly string[];
  /** Number of dead letters that match the filter. */
  readonly count: number;
  /** Largest group first. */
  readonly groups: readonly DeadLetterGroup[];
  /** Oldest first for each stream, at most `limit`. */
  readonly letters: readonly DeadLetterEntry[];
  /** True if more dead letters follow the last one of `letters`. */
  readonly hasMore: boolean;
}

/**
 * Lists dead letters by durable and reason. Reads their headers only, and changes nothing.
 * @throws MissingStreamError (`MISSING_STREAM`), AdminNotAllowedError (`ADMIN_NOT_ALLOWED`),
 * AdminTimeoutError (`ADMIN_TIMEOUT`), InvalidOptionError (`INVALID_OPTION`)
 */
export async function listDeadLetters(
  session: JetStreamSession,
  options: ListDeadLettersOptions = {},
): Promise<DeadLetterList> {
  const { stream, durable, limit = 0, after = 0 } = options;
  if (stream !== undefined) assertNames(stream, durable);
  deadLetterMatcher(options);
  const what = stream === undefined ? 'list dead letters' : `list the dead letters of stream '${stream}'`;
  return operate(session, { what, stream: stream ?? '' }, async (open) => {
    const groups = new DeadLetterGroups();
    const letters: DeadLetterEntry[] = [];
    const streams: string[] = [];
    let hasMore = false;
    for await (const [name, info] of deadLetterStreams(open, stream)) {
      streams.push(name);
      for await (const entry of readDeadLetters(open, name, info, options)) {
        groups.add(entry);
        if (entry.deadLetterSequence <= after) continue;
        if (letters.length < limit) letters.push(entry);
        else hasMore = true;
      }
    }
    return { streams, count: groups.count, groups: groups.sorted(), letters, hasMore };
  });
}

/** Finds the streams that have a dead-letter stream. */
async function* deadLetterStreams(
  { manager }: OpenSession,
  stream: string | undefined,
): AsyncGenerator<[string, StreamInfo], void> {
  if (stream !== undefined) {
    const info = await findStream(manager, deadLetterStreamName(stream));
    if (info) yield [stream, info];
    // A stream without dead letters has no dead-letter stream yet.
    else if (!(await findStream(manager, stream))) throw new MissingStreamError(stream);
    return;
  }
  const suffix = deadLetterStreamName('');
  for await (const name of manager.streams.names('dead.>')) {
    const info = name.endsWith(suffix) ? await findStream(manager, name) : undefined;
    if (info) yield [name.slice(0, -suffix.length), info];
  }
}
