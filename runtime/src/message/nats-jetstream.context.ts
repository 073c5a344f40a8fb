import type { JsMsg } from '@nats-io/jetstream';
import { BaseRpcContext } from '@nestjs/microservices';
import type { MsgHdrs } from '@nats-io/transport-node';
import type { Duration } from '../util/duration';
import type { SubjectMatcher } from '../subject/subject-template';
import { JetStreamMessage } from './jetstream-message';
import { Outcome } from './outcome';
import { hasBrand } from '../errors/thrown-value';

/** Settles a message with an outcome. */
interface MessageSettler {
  decide(outcome: Outcome): Promise<void>;
}

/**
 * Context of a handler, injected by Nest's `@Ctx()`. {@link ContextOf} is its type for one subject,
 * pattern or template.
 */
export class NatsJetStreamContext<
  TSubject extends string = string,
  TEvent = unknown,
  TParams = Readonly<Record<string, string>>,
> extends BaseRpcContext<[JsMsg]> {
  // Private at run time too: it references the credentials of the connection, which must not appear
  // in a log of this object.
  readonly #settlement: MessageSettler;

  constructor(
    message: JsMsg,
    settlement: MessageSettler = NOT_SETTLEABLE,
    private readonly template?: SubjectMatcher,
  ) {
    super([message]);
    this.#settlement = settlement;
  }

  /**
   * Acknowledges the message, without waiting for the handler. The first settlement wins. Later
   * ones are logged and have no effect.
   */
  ack(): Promise<void> {
    return this.#settlement.decide(Outcome.ack());
  }

  /** Redelivers the message after `delay` or else `retryDelay`. */
  retry(options: { delay?: Duration; cause?: unknown } = {}): Promise<void> {
    return this.#settlement.decide(Outcome.retry(options));
  }

  /** Dead-letters the message. Resolves when its copy is stored. */
  terminate(reason: unknown): Promise<void> {
    return this.#settlement.decide(Outcome.terminate(reason));
  }

  /** The nats.js message. */
  get message(): JsMsg {
    return this.args[0];
  }

  /** Subject that the message was published to. */
  get subject(): TSubject {
    return this.message.subject as TSubject;
  }

  /**
   * The decoded event, before any pipe. A check of `subject` narrows its type if the handler has
   * several subjects.
   */
  get event(): TEvent {
    return (this.message instanceof JetStreamMessage ? this.message.decode() : this.message.json()) as TEvent;
  }

  /**
   * Captured tokens of the subject template, also if the handler receives it by a pattern. Empty
   * for other subjects.
   */
  get params(): TParams {
    return (this.template?.match(this.subject) ?? {}) as TParams;
  }

  /** Name of the stream that stores the message. */
  get stream(): string {
    return this.message.info.stream;
  }

  /** Sequence number of the message in its stream. */
  get sequence(): number {
    return this.message.info.streamSequence;
  }

  /**
   * Number of this attempt, from 1 up. Counts deliveries to this consumer and, with `orderBy`,
   * retries in this process.
   */
  get deliveryCount(): number {
    const { message } = this;
    return message instanceof JetStreamMessage ? message.attempt : message.info.deliveryCount;
  }

  /** True from the second delivery on. */
  get redelivered(): boolean {
    return this.message.redelivered;
  }

  /** True if the message was dead-lettered and then redriven to this consumer. */
  get redriven(): boolean {
    return this.message instanceof JetStreamMessage && this.message.history !== undefined;
  }

  /** Time at which the stream stored the message, in whole milliseconds. */
  get timestamp(): Date {
    return this.message.time;
  }

  /** Number of messages that the consumer has yet to deliver after this one. */
  get pending(): number {
    return this.message.info.pending;
  }

  /**
   * Aborted when the transport no longer waits for the handler: after its `timeout`, after
   * `maxProcessingTime`, or at the end of the grace period of a shutdown. Pass it on to the
   * functions that you call.
   */
  get signal(): AbortSignal {
    return this.message instanceof JetStreamMessage ? this.message.signal : new AbortController().signal;
  }

  /** Headers of the message. Undefined if it has none. */
  get headers(): MsgHdrs | undefined {
    return this.message.headers;
  }
}

const NOT_SETTLEABLE: MessageSettler = {
  decide: () =>
    Promise.reject(
      new Error('This context was not created by the transport, so it cannot settle. Settle through its message.'),
    ),
};

const CONTEXT = Symbol.for('nest-jetstream:context');

/** Marks a context, or the prototype of contexts, as created by this package. */
export function markContext(context: object): void {
  Object.defineProperty(context, CONTEXT, { value: true });
}

/** Recognizes a context of this package, also of another copy of it. */
export function isMarkedContext(value: unknown): value is object {
  return hasBrand(value, CONTEXT);
}

markContext(NatsJetStreamContext.prototype);
