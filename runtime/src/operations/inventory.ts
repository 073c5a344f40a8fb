import type { ConsumerInfo, JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import { isStreamMissing } from '../consumer/provisioning/find-consumer';
import { findStream } from '../stream/find-stream';
import { inParallel } from '../util/in-parallel';

/** Requests at the same time. The server drops API requests if thousands wait. */
export const CONCURRENT_READS = 16;

/** Streams of an account with their consumers. */
export interface Inventory {
  readonly streams: readonly StreamInfo[];
  readonly consumers: readonly ConsumerInfo[];
  /** Requested streams that do not exist. */
  readonly missing: readonly string[];
}

/**
 * Reads streams and their consumers.
 * @param names default: all streams of the account
 * @throws PermissionViolationError
 */
export async function readInventory(
  manager: JetStreamManager,
  names: readonly string[] | undefined,
): Promise<Inventory> {
  const streams = names ? await readNamed(manager, names) : await collect(manager.streams.list());
  const consumers = await inParallel(streams, CONCURRENT_READS, async ({ config }) =>
    consumersOf(manager, config.name),
  );
  const found = new Set(streams.map(({ config }) => config.name));
  return {
    streams: streams.toSorted((one, other) => compare(one.config.name, other.config.name)),
    consumers: consumers.flat().toSorted((one, other) => compare(keyOf(one), keyOf(other))),
    missing: (names ?? []).filter((name) => !found.has(name)),
  };
}

/** Returns the time of the last delivery or acknowledgement as ISO 8601. */
export function lastActiveAt({ last_active: time }: ConsumerInfo['delivered']): string | undefined {
  // nats.js declares a number, but the server sends a string.
  return time as unknown as string | undefined;
}

async function readNamed(manager: JetStreamManager, names: readonly string[]): Promise<StreamInfo[]> {
  const found = await inParallel([...new Set(names)], CONCURRENT_READS, async (name) => findStream(manager, name));
  return found.filter((info) => info !== undefined);
}

async function consumersOf(manager: JetStreamManager, stream: string): Promise<ConsumerInfo[]> {
  try {
    return await collect(manager.consumers.list(stream));
  } catch (error) {
    // Deleted since it was listed.
    if (isStreamMissing(error)) return [];
    throw error;
  }
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function keyOf({ stream_name: stream, name }: ConsumerInfo): string {
  return `${stream} ${name}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
