import type { ReadPacket, WritePacket } from '@nestjs/microservices';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { decodeEvent, encodeEvent } from '../codec/json-codec';
import {
  NoResponderError,
  ReplyNotSentError,
  RequestTimeoutError,
  RequestUnansweredError,
} from '../errors/request.errors';
import type { CheckedRequest } from './request-options';

interface ReplyPacket extends WritePacket {
  readonly id?: string;
}

/**
 * Request/reply over core NATS in the packets of Nest's own NATS transport, so either side may be that transport.
 * A reply is a stream of packets, the last marked `isDisposed`; hence an inbox of its own instead of `nc.request`.
 */
export function requestReply(
  connection: NatsConnection,
  inbox: string,
  { id, pattern, data }: ReadPacket & { id: string },
  { headers, timeoutMs }: CheckedRequest,
  respond: (packet: WritePacket) => void,
): () => void {
  const subject = String(pattern);
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const expectReply = (): void => {
    clearTimeout(timer);
    if (timeoutMs === undefined) return;
    timer = setTimeout(() => respond({ err: new RequestTimeoutError(subject, timeoutMs) }), timeoutMs);
  };
  const subscription = connection.subscribe(inbox, {
    callback: (error, message) => {
      if (error) respond({ err: error });
      else onReply(message);
    },
  });
  void subscription.closed.then(() => {
    if (!ended) respond({ err: new RequestUnansweredError(subject) });
  });
  const onReply = (message: Msg): void => {
    if (message.headers?.code === 503) return respond({ err: new NoResponderError(subject) });
    try {
      const { id: replyId, err, response, isDisposed } = decodeEvent({ subject }, message.data) as ReplyPacket;
      if (replyId !== undefined && replyId !== id) return;
      expectReply();
      respond({ err: ReplyNotSentError.fromReply(subject, err), response, isDisposed: Boolean(isDisposed || err) });
    } catch (error) {
      respond({ err: error });
    }
  };
  connection.publish(subject, encodeEvent(subject, { pattern, data, id }), { reply: inbox, headers });
  expectReply();
  return () => {
    ended = true;
    clearTimeout(timer);
    subscription.unsubscribe();
  };
}
