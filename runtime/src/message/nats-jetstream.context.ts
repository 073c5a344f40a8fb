import type { JsMsg } from '@nats-io/jetstream';
import { BaseRpcContext } from '@nestjs/microservices';
import type { MsgHdrs } from '@nats-io/transport-node';
import type { Duration } from '../util/duration';
import { JetStreamMessage } from './jetstream-message';
import { Outcome } from './outcome';
import { hasBrand } from '../errors/recognize';

/** Gives the captured tokens of a subject; a template does. */
interface SubjectMatcher {
  match(subject: string): Readonly<Record<string, string>> | undefined;
}

/** Tells the server what becomes of a message. */
interface Settles {
  decide(outcome: Outcome): Promise<void>;
}

/**
 * What a handler knows of its message besides the event; injected by Nest's `@Ctx()`.
 * {@link ContextOf} is this type for the handlers of one subject, pattern or template.
 */
export class NatsJetStreamContext<
  TSubject extends string = string,
  TEvent = unknown,
  TParams = Readonly<Record<string, string>>,
> extends BaseRpcContext<[JsMsg]> {
  // Private to the runtime too: through it a log of this object would show keys of the connection.
  readonly #settlement: Settles;

  constructor(
    message: JsMsg,
    settlement: Settles = BY_HAND,
    private readonly template?: SubjectMatcher,
  ) {
    super([message]);
    this.#settlement = settlement;
  }

  /**
   * Acknowledges now, instead of after the handler; the first settlement counts, later ones are
   * logged and have no effect.
   */
  ack(): Promise<void> {
    return this.#settlement.decide(Outcome.ack());
  }

  /** Has the message delivered again, after `delay` or the pause that `retryDelay` gives. */
  retry(options: { delay?: Duration; cause?: unknown } = {}): Promise<void> {
    return this.#settlement.decide(Outcome.retry(options));
  }

  /** Sends the message to the dead letters; resolves when its copy is stored. */
  terminate(reason: unknown): Promise<void> {
    return this.#settlement.decide(Outcome.terminate(reason));
  }

  /** The nats.js message itself. */
  get message(): JsMsg {
    return this.args[0];
  }

  /** Subject that the message was published to. */
  get subject(): TSubject {
    return this.message.subject as TSubject;
  }

  /**
   * The event as it was read, before any pipe: the one that belongs to `subject`, where a handler
   * has several.
   */
  get event(): TEvent {
    return (this.message instanceof JetStreamMessage ? this.message.decode() : this.message.json()) as TEvent;
  }

  /** The captured tokens of the subject, for the handler of a template; empty for others. */
  get params(): TParams {
    return (this.template?.match(this.subject) ?? {}) as TParams;
  }

  /** Name of the stream that the message is stored in. */
  get stream(): string {
    return this.message.info.stream;
  }

  /** Sequence number of the message in its stream. */
  get sequence(): number {
    return this.message.info.streamSequence;
  }

  /**
   * Number of this attempt: deliveries to this consumer, plus the retries that `orderBy` makes in
   * this process. 1 at first.
   */
  get deliveryCount(): number {
    const { message } = this;
    return message instanceof JetStreamMessage ? message.attempt : message.info.deliveryCount;
  }

  /** True from the second delivery on. */
  get redelivered(): boolean {
    return this.message.redelivered;
  }

  /** When the stream stored the message, in whole milliseconds. */
  get timestamp(): Date {
    return this.message.time;
  }

  /** How many messages of this consumer are still to be delivered after this one. */
  get pending(): number {
    return this.message.info.pending;
  }

  /**
   * Aborted when nobody waits for the handler any more: after its `timeout`, after
   * `maxProcessingTime`, or when the grace period of a shutdown is over. Pass it on to what you
   * call.
   */
  get signal(): AbortSignal {
    return this.message instanceof JetStreamMessage ? this.message.signal : new AbortController().signal;
  }

  /** Headers of the message, undefined without any. */
  get headers(): MsgHdrs | undefined {
    return this.message.headers;
  }
}

const BY_HAND: Settles = {
  decide: () => Promise.reject(new Error('This context was made by hand: settle through its message.')),
};

const CONTEXT = Symbol.for('nest-jetstream:context');

/** Marks the context of a handler, or the prototype of contexts, as one of ours. */
export function markContext(context: object): void {
  Object.defineProperty(context, CONTEXT, { value: true });
}

/** Recognizes our contexts, also those of another copy of this package. */
export function isMarkedContext(value: unknown): value is object {
  return hasBrand(value, CONTEXT);
}

markContext(NatsJetStreamContext.prototype);
