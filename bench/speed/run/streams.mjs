import { jetstreamManager } from '@nats-io/jetstream';
import { eventsOf } from '../programs/event.mjs';

const BETWEEN_FLUSHES = 500;

/** Creates an empty stream, or one with events that can be read repeatedly. */
export async function makeStream(connection, { storage, bytes, events = 0 }) {
  const manager = await jetstreamManager(connection);
  const name = `BENCH_${storage}_${bytes}`;
  const subject = `bench.${storage}.${bytes}`;
  await manager.streams.delete(name).catch(() => false);
  await manager.streams.add({ name, subjects: [subject], storage, max_bytes: 1_500_000_000, discard: 'old' });
  await fill(connection, subject, bytes, events);
  for (;;) {
    const { messages } = (await manager.streams.info(name)).state;
    if (messages >= events) break;
    await connection.flush();
  }
  return { manager, name, subject };
}

async function fill(connection, subject, bytes, events) {
  const make = eventsOf(bytes);
  for (let id = 0; id < events; id++) {
    connection.publish(subject, JSON.stringify(make(id)));
    if (id % BETWEEN_FLUSHES === 0) await connection.flush();
  }
  await connection.flush();
}
