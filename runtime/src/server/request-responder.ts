import { AsyncResource } from 'node:async_hooks';
import type { Logger } from '@nestjs/common';
import { NatsContext, type WritePacket } from '@nestjs/microservices';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Unsubscribable } from 'rxjs';
import { decodeEvent } from '../codec/json-codec';
import { failureText, sentence } from '../errors/thrown-value';
import { markContext } from '../message/nats-jetstream.context';
import type { ProcessingHooks } from '../handler/invoke-handler';
import { Reply } from './reply';

interface RequestPacket {
  readonly id?: string;
  readonly data?: unknown;
}

export interface RequestHandling {
  readonly hooks: ProcessingHooks;
  readonly logger: Logger;
  /** Runs the handler and passes each packet of its reply to `reply`. */
  readonly send: (data: unknown, context: NatsContext, reply: (packet: WritePacket) => void) => Unsubscribable;
}

/**
 * Answers core NATS requests with the packets of Nest's own NATS transport. Instances of a service
 * share the requests.
 */
export function respondToRequests(
  connection: NatsConnection,
  subject: string,
  queue: string | undefined,
  handling: RequestHandling,
): Subscription {
  const { logger } = handling;
  const origin = new AsyncResource('NatsJetStreamRequests');
  let isWarned = false;
  const answer = (message: Msg): void => {
    if (!message.reply && !isWarned) {
      isWarned = true;
      logger.warn(
        `A message on '${subject}' has no reply subject. Its handler runs, but the reply is discarded. ` +
          `Send requests with client.send(), or handle events with @EventPattern.`,
      );
    }
    let request: RequestPacket;
    try {
      request = packetOf(decodeEvent({ subject }, message.data));
    } catch (error) {
      logger.warn(
        `A request on '${subject}' is not a packet of Nest's NATS transport: ${sentence(failureText(error))}`,
      );
      const err = {
        status: 'error',
        message: 'The request is not a JSON object of the form { "pattern", "data", "id" }.',
      };
      new Reply(message, connection, undefined, logger).send({ err, isDisposed: true });
      return;
    }
    run(request, message);
  };
  const run = ({ id, data }: RequestPacket, message: Msg): void => {
    const context = new NatsContext([message.subject, message.headers]);
    markContext(context);
    const reply = new Reply(message, connection, id, logger);
    handling.hooks
      .enclose(context, () => reply.sendAll((send) => handling.send(data, context, send)))
      .catch((error: unknown) => {
        logger.error(`A processing hook failed on a request on '${subject}': ${sentence(failureText(error))}`);
        reply.send({ err: { status: 'error', message: 'Internal server error' }, isDisposed: true });
      });
  };
  return connection.subscribe(subject, {
    ...(queue === undefined ? {} : { queue }),
    callback: (error, message) => {
      if (error) return logger.error(`Cannot receive requests on '${subject}': ${error.message}`);
      // Each request has its own async context, like each run of a consumer's handler.
      origin
        .runInAsyncScope(() => new AsyncResource('NatsJetStreamRequest'))
        .runInAsyncScope(answer, undefined, message);
    },
  });
}

function packetOf(decoded: unknown): RequestPacket {
  if (typeof decoded === 'object' && decoded !== null) return decoded;
  throw new TypeError('it is not an object');
}
