import type { NatsJetStreamBatchContext } from '../../message/nats-jetstream-batch.context';
import type { NatsJetStreamContext } from '../../message/nats-jetstream.context';

type IsAny<T> = 0 extends 1 & T ? true : false;

/** What a method's second parameter is, where it is a context of ours and of the other kind; else `false`. */
type HasContext<Given extends unknown[], Context> = Given extends [unknown, infer Second, ...unknown[]]
  ? IsAny<Second> extends true
    ? false
    : [Second] extends [Context]
      ? true
      : false
  : false;

/**
 * Any type when a method takes arrays of the event, and of contexts that of a batch. Else a sentence, to which nothing is
 * assignable, so that the compiler's error ends with it. Where nothing is known of the event, anything will do.
 */
export type TakesBatch<TEvent, Given extends unknown[]> =
  HasContext<Given, NatsJetStreamContext> extends true
    ? "with 'batch' the handler's context is a NatsJetStreamBatchContext"
    : unknown extends TEvent
      ? unknown
      : Given extends []
        ? unknown
        : [TEvent[]] extends [Given[0]]
          ? unknown
          : "with 'batch' the handler's first parameter takes an array of this subject's events";

/** What a method of one event at a time says when it is one of batches; `unknown` when it is not. */
export type TakesNoBatch<TEvent, Given extends unknown[]> =
  HasContext<Given, NatsJetStreamBatchContext> extends true
    ? "a handler with a NatsJetStreamBatchContext needs the option 'batch', such as { batch: { size: 100 } }"
    : unknown extends TEvent
      ? unknown
      : [TEvent] extends [Given[0]]
        ? unknown
        : [TEvent[]] extends [Given[0]]
          ? "a handler that takes an array of events needs the option 'batch', such as { batch: { size: 100 } }"
          : unknown;
