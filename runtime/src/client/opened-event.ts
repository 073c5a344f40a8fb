import { copyHeaders } from './message-headers';
import { NatsJetStreamRecord } from './nats-jetstream.record';
import { mergedOptions, type PublishOptions } from './publish-options';
import type { RequestOptions } from './request';

/** An event with its options, taken from what the caller gave. */
export interface OpenedEvent<Options extends PublishOptions | RequestOptions = PublishOptions> {
  readonly event: unknown;
  readonly options: Options;
}

/**
 * Merges what the dispatch hook, the record and the call give for an event; later ones win.
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
