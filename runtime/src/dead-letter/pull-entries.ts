import { JetStreamApiError } from '@nats-io/jetstream';
import { errors, type Msg, type MsgHdrs } from '@nats-io/transport-node';
import { NANOS_PER_MILLI } from '../errors/duration-text';
import { parseAckSubject } from '../message/ack';
import { headerValues } from '../message/header-values';
import type { OpenSession } from '../session/jetstream-session';
import { deadLetterEntry, ENTRY_HEADERS, type DeadLetterEntry } from './dead-letter-entry';

/** Maximum of messages in one request. Each request waits for an answer of the server. */
const BATCH = 2_500;
/** Headers of a message may have 64 KB, so this bounds the memory. */
const BATCH_BYTES = 4 * 1_024 * 1_024;
const REQUEST = JSON.stringify({ batch: BATCH, max_bytes: BATCH_BYTES, no_wait: true });
/** nats-server adds it in place of the body. */
const BODY_BYTES = 'Nats-Msg-Size';
const WANTED: ReadonlySet<string> = new Set([...ENTRY_HEADERS, BODY_BYTES]);
const DEFAULT_TIMEOUT_MS = 5_000;
const CONFLICT = 409;

/** A message of a consumer with `headers_only`. */
export interface PulledEntry {
  readonly entry: DeadLetterEntry;
  readonly deliverySequence: number;
  /** Number of messages that follow. */
  readonly pending: number;
}

/** Messages of one request. */
interface Batch {
  readonly messages: readonly PulledEntry[];
  /** Status of the server if there were fewer messages than requested. */
  readonly status?: MsgHdrs | undefined;
}

/** Pulls messages until the server has no more, or no longer has the consumer. */
export async function* pullEntries(
  open: OpenSession,
  stream: string,
  consumer: string,
): AsyncGenerator<PulledEntry, void> {
  const subject = `${open.apiPrefix}.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
  for (let isFirst = true; ; isFirst = false) {
    const { messages, status } = await pullBatch(open, subject);
    yield* messages;
    if (messages.length > 0) continue;
    // A limit of the server refuses the request.
    if (isFirst && status?.code === CONFLICT)
      throw new JetStreamApiError({ code: CONFLICT, err_code: 0, description: status.description });
    return;
  }
}

/** @throws a failure of the request, and TimeoutError if no more of its messages arrive */
async function pullBatch(open: OpenSession, subject: string): Promise<Batch> {
  const timeout = open.manager.getOptions().timeout ?? DEFAULT_TIMEOUT_MS;
  const inbox = open.createInbox();
  let stop: (() => void) | undefined;
  const pulling = new Promise<Batch>((resolve, reject) => {
    const messages: PulledEntry[] = [];
    const timer = setTimeout(() => reject(new errors.TimeoutError()), timeout);
    const receive = (error: Error | null, message: Msg): void => {
      timer.refresh();
      if (error) return reject(error);
      if (message.reply === '') return resolve({ messages, status: message.headers });
      if (messages.push(pulled(message)) === BATCH) resolve({ messages });
    };
    const subscription = open.connection.subscribe(inbox, { callback: receive });
    void subscription.closed.then(() => reject(new errors.TimeoutError()));
    stop = () => {
      clearTimeout(timer);
      subscription.unsubscribe();
    };
    // The request has a subscription of its own, which ends after one message. It fails if the user
    // lacks the permission.
    open.connection.request(subject, REQUEST, { timeout, noMux: true, reply: inbox }).catch((error: unknown) => {
      if (isWithoutResponder(error)) resolve({ messages });
      else reject(error);
    });
  });
  return pulling.finally(() => stop?.());
}

/** Returns true if the server no longer has the consumer. */
function isWithoutResponder(error: unknown): boolean {
  return error instanceof errors.RequestError && error.isNoResponders();
}

/** Reads the entry at once, because the bytes of a batch need more memory. */
function pulled(message: Msg): PulledEntry {
  const { subject, reply = '' } = message;
  const { streamSequence, deliverySequence, timestampNanos, pending } = parseAckSubject(reply);
  const values = headerValues(message, WANTED);
  const header = (name: string): string => values.get(name) ?? '';
  const entry = deadLetterEntry({
    subject,
    header,
    seq: streamSequence,
    time: new Date(timestampNanos / NANOS_PER_MILLI),
    bodyBytes: Number(header(BODY_BYTES)),
  });
  return { entry, deliverySequence, pending };
}
