import { replayConsumer as replay, type Replay, type ReplayStart } from '../admin/replay-consumer';
import type { JetStreamSession } from '../session/jetstream-session';
import { terminalText } from './terminal-text';

export interface ReplayOptions {
  readonly stream: string;
  readonly durable: string;
  /** First stream sequence. One of it and `sinceMs` is required. */
  readonly fromSequence?: number | undefined;
  /** Time of the first message, in milliseconds since 1970. */
  readonly sinceMs?: number | undefined;
  /** Only counts the messages. Default: false. */
  readonly dryRun?: boolean | undefined;
}

/** Result of a replay. */
export interface ReplayResult extends Replay {
  readonly dryRun: boolean;
}

/**
 * Delivers messages that a durable has handled again. Throws the errors of `JetStreamAdmin.replay`.
 */
export async function replayConsumer(
  session: JetStreamSession,
  { stream, durable, fromSequence, sinceMs, dryRun = false }: ReplayOptions,
): Promise<ReplayResult> {
  const start: ReplayStart =
    sinceMs === undefined ? { fromSequence: fromSequence as number } : { since: new Date(sinceMs) };
  return { ...(await replay(session, stream, durable, start, dryRun)), dryRun };
}

/** Returns the lines of a replay for a terminal. */
export function replayText({
  stream,
  durable,
  fromSequence,
  messages,
  unacknowledged,
  dryRun,
}: ReplayResult): string[] {
  const target = terminalText(`${durable} of stream ${stream}`);
  if (messages === 0) return [`${target} has handled no message from sequence ${fromSequence} on.`];
  const count = `${messages.toLocaleString('en')} ${messages === 1 ? 'message' : 'messages'}`;
  const open = unacknowledged === 0 ? '' : ` ${unacknowledged.toLocaleString('en')} of them are not acknowledged yet.`;
  return [
    `${target} ${dryRun ? 'would receive' : 'receives'} ${count} again, from sequence ${fromSequence} on.${open}`,
  ];
}
