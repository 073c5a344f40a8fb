import type { DeadLetterEntry } from '../dead-letter/dead-letter-entry';
import type { DeadLetterFilter } from '../dead-letter/dead-letter-filter';
import { readDeadLetters } from '../dead-letter/read-dead-letters';
import type { DeadLetterProgress } from '../dead-letter/redrive';
import { StaleSelectionError } from '../errors/operations.errors';
import type { OpenSession } from '../session/jetstream-session';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { DeadLetterGroups, type DeadLetterGroup } from './group-dead-letters';

/** Dead letters of one stream, as a dry run selected them. */
export interface DeadLetterSelection {
  /** Creation time of the dead-letter stream. A recreated stream reuses sequences. */
  readonly streamCreated: string;
  /** Oldest first. */
  readonly deadLetterSequences: readonly number[];
}

/** Bounds of a change, from a dry run. A {@link DeadLetterSelection} is one. */
export interface DeadLetterBounds {
  /** Creation time of the dead-letter stream. */
  readonly streamCreated: string;
  /** Replaces `deadLetterSequences` of the filter. Default: all dead letters that match it. */
  readonly deadLetterSequences?: readonly number[] | undefined;
  /** Sequence of the last dead letter. Later ones are kept. Default: that of the call. */
  readonly lastDeadLetterSequence?: number | undefined;
}

/** Options of a call that changes the dead letters of one stream. */
export interface DeadLetterChangeOptions extends DeadLetterFilter {
  /** Stream whose messages were dead-lettered. */
  readonly stream: string;
  /** Limit of dead letters, oldest first. Default: none. */
  readonly limit?: number | undefined;
  /** Only the dead letters of this selection of a dry run, or within its bounds. */
  readonly selection?: DeadLetterBounds | undefined;
  /** Selects dead letters, and changes nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
  /** Stops the call after the current dead letter. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each dead letter. */
  readonly onProgress?: ((progress: DeadLetterProgress) => void) | undefined;
}

/** Result of a call that changes dead letters. */
export interface DeadLetterChange {
  readonly stream: string;
  readonly isDryRun: boolean;
  /** Dead letters that match the filter. Pass it to the call that follows a dry run. */
  readonly selection: DeadLetterSelection;
  /** The selected dead letters by durable and reason. */
  readonly groups: readonly DeadLetterGroup[];
  /** False if the call ended before the last dead letter. True for a dry run. */
  readonly isComplete: boolean;
}

/**
 * Selects the dead letters of a change.
 * @param onSelected called for each
 * @throws StaleSelectionError (`STALE_SELECTION`)
 */
export async function selectDeadLetters(
  open: OpenSession,
  options: DeadLetterChangeOptions,
  onSelected?: (entry: DeadLetterEntry) => void,
): Promise<Pick<DeadLetterChange, 'selection' | 'groups'>> {
  const { stream, selection, limit = Number.POSITIVE_INFINITY } = options;
  const info = await open.manager.streams.info(deadLetterStreamName(stream));
  const { created: streamCreated } = info;
  if (selection && selection.streamCreated !== streamCreated) throw new StaleSelectionError(info.config.name);
  const { deadLetterSequences = options.deadLetterSequences, lastDeadLetterSequence } = selection ?? {};
  const filter = deadLetterSequences ? { ...options, deadLetterSequences } : options;
  const groups = new DeadLetterGroups();
  const selected: number[] = [];
  const { config, state } = info;
  const bounded = { ...state, last_seq: Math.min(state.last_seq, lastDeadLetterSequence ?? state.last_seq) };
  for await (const entry of readDeadLetters(open, stream, { config, state: bounded }, filter)) {
    if (selected.length >= limit) break;
    selected.push(entry.deadLetterSequence);
    groups.add(entry);
    onSelected?.(entry);
  }
  return { selection: { streamCreated, deadLetterSequences: selected }, groups: groups.sorted() };
}
