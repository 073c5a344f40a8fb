import { NatsRecord } from '@nestjs/microservices';
import { isInstance } from '../errors/thrown-value';
import { copyHeaders, type MessageHeaders } from './message-headers';
import { mergedOptions, type PublishOptions } from './publish-options';
import type { RequestOptions } from './request';

const CONTENT = Symbol('nest-jetstream:record');
const NONE: PublishOptions = Object.freeze({});

/**
 * An event with its publish options, for `emit`, `send`, `emitAsync` and `emitAll`. Created with
 * {@link NatsJetStreamRecordBuilder}.
 */
export class NatsJetStreamRecord<TEvent = unknown> {
  // A symbol, so that the compiler does not accept an event as a record because of its field names.
  readonly [CONTENT]: { readonly event: TEvent; readonly options: PublishOptions };

  constructor(event: TEvent, options: PublishOptions = {}) {
    this[CONTENT] = { event, options: { ...options } };
  }

  /**
   * Returns the event and the options of a record or of Nest's `NatsRecord`. Any other value is an
   * event without options.
   */
  static open(event: unknown): { readonly event: unknown; readonly options: PublishOptions } {
    if (typeof event !== 'object' || event === null) return { event, options: NONE };
    if (isInstance(event, NatsJetStreamRecord)) return event[CONTENT];
    if (!isInstance<NatsRecord<unknown, MessageHeaders | undefined>>(event, NatsRecord))
      return { event, options: NONE };
    const { data, headers } = event;
    return { event: data, options: headers === undefined ? NONE : { headers } };
  }
}

/**
 * Builder of a record, as in
 * `new NatsJetStreamRecordBuilder(event).setMessageId('order-1').build()`. It passes publish
 * options to Nest's `emit` and `send`. Publishing checks the values.
 */
export class NatsJetStreamRecordBuilder<TEvent = unknown> {
  private options: PublishOptions = {};

  constructor(private readonly event: TEvent) {}

  /** Sets `headers` of {@link PublishOptions}. */
  setHeaders(headers: MessageHeaders): this {
    return this.set({ headers });
  }

  /** Sets `msgID` of {@link PublishOptions}. */
  setMessageId(msgID: string): this {
    return this.set({ msgID });
  }

  /** Sets any of {@link PublishOptions}. Later calls override earlier ones. */
  setOptions(options: PublishOptions): this {
    return this.set(options);
  }

  /** Returns the record. Pass it to `emit`, `send` or `emitAsync` instead of the event. */
  build(): NatsJetStreamRecord<TEvent> {
    return new NatsJetStreamRecord(this.event, this.options);
  }

  private set(options: PublishOptions): this {
    this.options = { ...this.options, ...options };
    return this;
  }
}

/** An event and its options, which the caller passed as a record or separately. */
export interface OpenedEvent<Options extends PublishOptions | RequestOptions = PublishOptions> {
  readonly event: unknown;
  readonly options: Options;
}

/**
 * Merges the options of the dispatch hook, the record and the call. Later ones override earlier
 * ones.
 * @param metadata headers of the dispatch hook
 */
export function openedEvent<Options extends PublishOptions | RequestOptions>(
  data: unknown,
  given: Options,
  metadata: Record<string, string> | undefined,
): OpenedEvent<Options> {
  const { event, options } = NatsJetStreamRecord.open(data);
  if (!metadata && event === data) return { event, options: given };
  const merged = mergedOptions<Options>(options as Options, given);
  return { event, options: metadata ? { ...merged, headers: copyHeaders(metadata, merged.headers) } : merged };
}
