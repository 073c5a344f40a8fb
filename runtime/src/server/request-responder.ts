import type { Logger } from '@nestjs/common';
import type { WritePacket } from '@nestjs/microservices';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { decodeEvent, encodeEvent } from '../codec/json-codec';

interface RequestPacket {
  readonly id?: string;
  readonly data?: unknown;
}

export interface RequestHandling {
  readonly handle: (data: unknown, message: Msg, respond: (packet: WritePacket) => void) => void;
  readonly logger: Logger;
}

/** Answers core NATS requests in the packets of Nest's own NATS transport; services of one id share the requests. */
export function respondToRequests(
  connection: NatsConnection,
  subject: string,
  queue: string | undefined,
  { handle, logger }: RequestHandling,
): Subscription {
  return connection.subscribe(subject, {
    ...(queue === undefined ? {} : { queue }),
    callback: (error, message) => {
      if (error) return logger.error(`Requests on '${subject}': ${error.message}`);
      const respond = (packet: WritePacket & { id?: string }): boolean => message.respond(encodeEvent(subject, packet));
      try {
        const { id, data } = decodeEvent({ subject }, message.data) as RequestPacket;
        handle(data, message, (packet) => void respond({ ...packet, ...(id === undefined ? {} : { id }) }));
      } catch (cause) {
        logger.warn(`A request on '${subject}' is no packet of Nest's NATS transport: ${String(cause)}.`);
        respond({ err: 'The request is not JSON of the form { "pattern", "data", "id" }.', isDisposed: true });
      }
    },
  });
}
