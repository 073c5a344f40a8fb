import { JetStreamApiError, JetStreamError, type ApiError } from '@nats-io/jetstream';
import { errors, type Msg } from '@nats-io/transport-node';
import type { NatsJetStreamPubAck } from './pub-ack';

interface Answer {
  readonly error?: ApiError;
  readonly stream?: string;
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly domain?: string;
}

const NO_RESPONDERS = 503;
const decoder = new TextDecoder();

/**
 * What the server answered to an event.
 * @throws RequestError caused by NoRespondersError (nats.js) when nobody stores the subject; JetStreamApiError when it refused;
 * JetStreamError when the answer is none of a stream
 */
export function readPubAck(subject: string, message: Msg): NatsJetStreamPubAck {
  const { data } = message;
  if (data.length === 0 && message.headers?.code === NO_RESPONDERS) throw noResponders(subject);
  const { error, stream, seq, duplicate = false, domain } = parsed(data);
  if (error) throw new JetStreamApiError(error);
  if (typeof stream !== 'string' || stream === '' || seq === undefined)
    throw new JetStreamError('invalid ack response');
  return domain === undefined ? { stream, seq, duplicate } : { stream, seq, duplicate, domain };
}

function parsed(data: Uint8Array): Answer {
  try {
    return JSON.parse(decoder.decode(data)) as Answer;
  } catch (cause) {
    throw new JetStreamError('invalid ack response', { cause });
  }
}

function noResponders(subject: string): Error {
  const cause = new errors.NoRespondersError(subject);
  return new errors.RequestError(cause.message, { cause });
}
