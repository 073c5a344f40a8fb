import { AsyncResource } from 'node:async_hooks';
import type { Logger } from '@nestjs/common';
import { NatsContext, type WritePacket } from '@nestjs/microservices';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Unsubscribable } from 'rxjs';
import { decodeEvent, writeJson } from '../codec/json-codec';
import { failureText, sentence } from '../errors/thrown-value';
import { headerOf } from '../client/message-headers';
import type { ActiveResponse, ActiveTelemetry } from '../telemetry/active-telemetry';
import { markContext } from '../message/nats-jetstream.context';
import type { ProcessingHooks } from '../handler/invoke-handler';
import { UnserializableEventError } from '../errors/publish.errors';
import { isFilteredFailure } from '../handler/handler-failure';
import { ReplyNotSentError } from '../errors/request.errors';

interface RequestPacket {
  readonly id?: string;
  readonly data?: unknown;
}

export interface RequestHandling {
  readonly hooks: ProcessingHooks;
  readonly logger: Logger;
  /** Undefined without the option `telemetry`. */
  readonly telemetry: ActiveTelemetry | undefined;
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
    const handle = (): Promise<void> =>
      handling.hooks
        .enclose(context, () => reply.sendAll((send) => handling.send(data, context, send)))
        .catch((error: unknown) => {
          logger.error(`A processing hook failed on a request on '${subject}': ${sentence(failureText(error))}`);
          reply.send({ err: { status: 'error', message: 'Internal server error' }, isDisposed: true });
        });
    const { telemetry } = handling;
    const observers = telemetry && observedResponse(telemetry, subject, message);
    if (observers) void observers.run(handle).finally(() => observers.ended(reply.failure));
    else void handle();
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

const encoder = new TextEncoder();

/** Reports a request to the telemetry. */
function observedResponse(
  telemetry: ActiveTelemetry,
  pattern: string,
  { subject, headers }: Msg,
): ActiveResponse | undefined {
  if (!telemetry.isActive) return undefined;
  const header = (name: string): string | undefined => headerOf([headers], name);
  return telemetry.responding({ service: telemetry.service, subject, pattern, header });
}

/** Reply to one request. The last packet has `isDisposed`. Sending never throws. */
class Reply {
  /** Error of the last packet. */
  failure: unknown;
  private isOver = false;
  private source: Unsubscribable | undefined;
  private resolve: (() => void) | undefined;

  constructor(
    private readonly request: Msg,
    private readonly connection: NatsConnection,
    private readonly id: string | undefined,
    private readonly logger: Logger,
  ) {}

  /** Subscribes to the source of packets, and resolves after the last one. */
  sendAll(subscribe: (send: (packet: WritePacket) => void) => Unsubscribable): Promise<void> {
    return new Promise((resolve) => {
      this.resolve = resolve;
      this.source = subscribe((packet) => this.send(packet));
    });
  }

  /**
   * Sends a packet. If it cannot be sent, the caller receives a `REPLY_NOT_SENT` error as the last
   * packet.
   */
  send(packet: WritePacket): void {
    if (this.isOver) return;
    if (packet.err) this.failure = isFilteredFailure(packet.err) ? packet.err.original : packet.err;
    try {
      this.publish(packet);
      if (packet.isDisposed || packet.err) this.end();
    } catch (cause) {
      const failure = new ReplyNotSentError(this.request.subject, reasonOf(cause), cause);
      this.logger.error(failure.message);
      this.failure ??= failure;
      this.end();
      this.refuse(failure);
    }
  }

  private refuse(failure: ReplyNotSentError): void {
    try {
      this.publish({ err: failure.toReply(), isDisposed: true });
    } catch (error) {
      this.logger.error(`The caller of '${this.request.subject}' receives no reply: ${failureText(error)}`);
    }
  }

  private publish({ err, ...packet }: WritePacket): void {
    const { id, request, connection } = this;
    const identity = id === undefined ? {} : { id };
    const data = encoder.encode(
      err === undefined
        ? writeJson(request.subject, { ...packet, ...identity })
        : // JSON writes an Error as {}, so the cause of an exception is lost. The rest helps the caller.
          JSON.stringify({ ...packet, err: this.readable(err), ...identity }),
    );
    const limit = connection.info?.max_payload ?? Infinity;
    if (data.length > limit) {
      throw new RangeError(`it has ${data.length} bytes, and max_payload of the server is ${limit}`);
    }
    request.respond(data);
  }

  /**
   * Converts an Error, which JSON would write as `{}`. If an exception filter failed, such as one
   * written for HTTP, the exception of the handler is logged.
   */
  private readable(err: unknown): unknown {
    const { original, filtered } = isFilteredFailure(err) ? err : { original: err, filtered: err };
    if (!(filtered instanceof Error)) return filtered;
    if (filtered === original) return { status: 'error', message: filtered.message };
    const { subject } = this.request;
    this.logger.error(`The handler of '${subject}' failed: ${sentence(failureText(original))}`);
    this.logger.error(`An exception filter failed on it: ${sentence(failureText(filtered))}`);
    return { status: 'error', message: 'Internal server error' };
  }

  private end(): void {
    this.isOver = true;
    this.source?.unsubscribe();
    this.resolve?.();
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof RangeError) return cause.message;
  if (!(cause instanceof UnserializableEventError)) return failureText(cause);
  return `it is not JSON (${cause.cause === undefined ? 'undefined' : failureText(cause.cause)})`;
}
