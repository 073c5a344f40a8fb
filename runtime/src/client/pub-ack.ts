import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import { errors, type Msg } from '@nats-io/transport-node';

/** Confirmation that the server stored an event. nats.js `PubAck`. */
export interface NatsJetStreamPubAck {
  /** Name of the stream. */
  readonly stream: string;
  /** Sequence number of the event in the stream. */
  readonly seq: number;
  /** True if the stream already had an event with this message id, and stored nothing new. */
  readonly duplicate: boolean;
  /** JetStream domain of the server, if it has one. */
  readonly domain?: string;
}

/** The server's answer to one frame. */
export type PublishAnswer =
  | {
      readonly ack: NatsJetStreamPubAck;
      /** Number of events in the stored batch. Undefined for a single event. */
      readonly count?: number;
    }
  | { readonly refusal: Error };

const NO_RESPONDERS = 503;
const decoder = new TextDecoder();

/**
 * Reads a message on the reply subject of an event. Returns undefined for anything but a PubAck,
 * because core NATS subscribers of the subject may answer too.
 */
export function readAnswer(subject: string, message: Msg): PublishAnswer | undefined {
  const { data } = message;
  if (data.length === 0) {
    return message.headers?.code === NO_RESPONDERS ? { refusal: noResponders(subject) } : undefined;
  }
  const answer = parsed(data);
  if (!answer) return undefined;
  const { stream, seq, duplicate = false, domain, count, error } = answer;
  if (isApiError(error)) return { refusal: new JetStreamApiError(error) };
  if (typeof stream !== 'string' || stream === '' || typeof seq !== 'number') return undefined;
  const ack = { stream, seq, duplicate: duplicate === true };
  const read = { ack: typeof domain === 'string' ? { ...ack, domain } : ack };
  return typeof count === 'number' ? { ...read, count } : read;
}

/**
 * Reads the only answer to a request.
 * @throws RequestError, JetStreamApiError, JetStreamError (nats.js) if it is not a PubAck
 */
export function readPubAck(subject: string, message: Msg): NatsJetStreamPubAck {
  const answer = readAnswer(subject, message);
  if (!answer) throw new JetStreamError('invalid ack response');
  if ('refusal' in answer) throw answer.refusal;
  return answer.ack;
}

/**
 * Returns true for status 503, which the server sends if nothing subscribes to the subject. nats.js
 * wraps it in its own errors.
 */
export function isNoResponders(error: unknown): boolean {
  if (error instanceof errors.RequestError) return error.isNoResponders();
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof errors.RequestError && cause.isNoResponders();
}

function parsed(data: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(decoder.decode(data));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isApiError(error: unknown): error is { code: number; err_code: number; description: string } {
  return (
    typeof error === 'object' &&
    error !== null &&
    'err_code' in error &&
    typeof error.err_code === 'number' &&
    'code' in error &&
    typeof error.code === 'number'
  );
}

function noResponders(subject: string): Error {
  const cause = new errors.NoRespondersError(subject);
  return new errors.RequestError(cause.message, { cause });
}
