import { AckPolicy } from '@nats-io/jetstream';
import { startBoardApp } from '../../support/board-app';
import { probe } from '../../support/jetstream-probe';
import { startTestServer } from '../../support/nats-server';

const STREAMS = 100;
const CONSUMERS = 50;
const SETUP_LIMIT_MS = 180_000;
/** A bound on a hang. The aim is one second on a quiet machine. */
const LIMIT_MS = 30_000;

it(
  'shows 100 streams with 50 consumers each',
  async () => {
    const server = await startTestServer();
    const { manager, client } = await probe(server.url, { timeoutMs: LIMIT_MS });
    const names = Array.from({ length: STREAMS }, (_, at) => `STREAM_${at}`);
    for (const name of names) {
      const subject = name.toLowerCase();
      await manager.streams.add({ name, subjects: [`${subject}.>`], storage: 'memory' });
      await client.publish(`${subject}.created`);
      const consumers = Array.from({ length: CONSUMERS }, async (_, at) =>
        manager.consumers.add(name, { durable_name: `consumer-${at}`, ack_policy: AckPolicy.Explicit }),
      );
      await Promise.all(consumers);
    }
    const { get } = await startBoardApp(server.url, { open: 'only a test' });
    const times: number[] = [];
    for (const [path, caption] of [
      ['/jetstream', 'The 20 of 5,000 consumers'],
      ['/jetstream', '100 streams'],
      ['/jetstream/streams/STREAM_7', '50 consumers'],
    ] as const) {
      const started = performance.now();
      const { status, text } = await get(path);
      times.push(Math.round(performance.now() - started));
      expect(status).toBe(200);
      expect(text).toContain(caption);
      expect(text.match(/<tr>/g)?.length).toBeLessThan(130);
    }
    if (process.env['SHOW_TIMES'] === '1') console.info(`overview, overview, stream: ${times.join(', ')} ms`);
    expect(Math.max(...times)).toBeLessThan(LIMIT_MS);
  },
  SETUP_LIMIT_MS,
);
