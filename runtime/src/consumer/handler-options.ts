import type { BatchOptions } from './batch/batch-options';
import type { ConsumerOptions } from './consumer-options';

interface OwnConsumerOptions<TEvent> extends ConsumerOptions<TEvent> {
  /**
   * Name of the consumer on the server, which keeps its position in the stream under it. Default: derived from the service's
   * `id`, the subject, class and method, so that renaming one of these begins a new position: give a name to be free to rename.
   * `true` derives it too; `false` keeps no position: each instance has a consumer of its own, which ends with it.
   */
  durable?: string | boolean;
  /** The `name` of the registration whose server this handler belongs to. Default: the one without a name. */
  cluster?: string;
}

/** Options of a handler that gets one event at a time. */
export interface JetStreamConsumerOptions<TEvent = never> extends OwnConsumerOptions<TEvent> {
  /** Of {@link JetStreamBatchConsumerOptions}: without it the handler gets one event at a time. */
  batch?: undefined;
}

/** Options of a handler that gets many events at once. There is no order by key among them, nor an ordered consumer. */
export interface JetStreamBatchConsumerOptions extends Omit<
  OwnConsumerOptions<never>,
  'orderBy' | 'orderAcross' | 'orderedConsumer'
> {
  /**
   * The handler gets an array: as soon as `size` events are there, or when the first of them has waited for `timeout` (default 1 s).
   * `concurrency` and `timeout` then are of batches; everything else, such as `maxDeliver` and dead letters, stays of each message.
   */
  batch: BatchOptions;
}

/** Options of a handler of either kind. */
export interface EitherOptions<TEvent> extends OwnConsumerOptions<TEvent> {
  batch?: BatchOptions | undefined;
}
