// `npm run bench:path [-- --json]` lists the files of the built transport that run for one message
// between arrival and settlement, and for `emitAsync` until its PubAck.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Logger } from '@nestjs/common';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  NatsJetStreamTransport,
} from '@nest-jetstream/transport';
import { root } from '../../scripts/workspace/root.mjs';
import { controllerOf, moduleOf, startApplication } from '../speed/programs/nest-app.mjs';
import { startServer } from '../speed/run/server.mjs';
import { CallCoverage } from './coverage.mjs';

const STREAM = 'PATH';
/** A single delivery, so that the failure path has no retry. */
const MAX_DELIVER = 1;
/** Messages before the measurement, for code that runs once. */
const WARM_UP = 10;
/**
 * Number of measured messages. Only files that run for all of them count, so a timer that fires in
 * between does not.
 */
const MESSAGES = 5;
const POLL_MS = 2;
const LIMIT_MS = 20_000;

const store = mkdtempSync(join(tmpdir(), 'message-path-'));
const server = await startServer(store);
const client = jetstream(server.connection);
const manager = await jetstreamManager(server.connection);
await manager.streams.add({ name: STREAM, subjects: ['path.*'] });
await manager.streams.add({ name: 'PUBLISHED', subjects: ['published'] });

const fail = () => {
  throw new Error('always');
};
const handler = (outcome, method) => ({
  method,
  decorators: [JetStreamConsumer(`path.${outcome}`, { durable: outcome, maxDeliver: MAX_DELIVER, prefetch: 16 })],
});
let publisher;
const app = await startApplication(
  moduleOf({
    imports: [NatsJetStreamTransport.register({ id: 'path', connectionOptions: { servers: server.url } })],
    controllers: [
      controllerOf({ success: handler('success', async () => undefined), failure: handler('failure', fail) }),
    ],
  }),
  (context) => ((publisher = context.get(NatsJetStreamClientProxy)), context.get(NatsJetStreamServer)),
);

// Logging through Nest is part of the path, but printing is not.
Logger.overrideLogger(false);

/** Publishes one message without the transport and waits until it is settled. */
async function passOne(outcome) {
  const { seq } = await client.publish(`path.${outcome}`, '{}');
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const { num_ack_pending, ack_floor } = await manager.consumers.info(STREAM, outcome);
    if (num_ack_pending === 0 && ack_floor.stream_seq === seq) return;
    if (performance.now() > deadline) throw new Error(`The message was not settled within ${LIMIT_MS} ms.`);
    await delay(POLL_MS);
  }
}

const publishOne = () => publisher.emitAsync('published', { id: 1 });

/** Returns the files with functions that all measured messages called. */
async function pathOf(pass, coverage) {
  for (let at = 0; at < WARM_UP; at++) await pass();
  let path;
  for (let at = 0; at < MESSAGES; at++) {
    await coverage.take();
    await pass();
    const called = await coverage.take();
    path = path ? intersection(path, called) : called;
  }
  return [...path.keys()].toSorted((one, other) => one.localeCompare(other));
}

/** Returns the common functions by file. */
function intersection(one, other) {
  const both = [...one].map(([file, names]) => [
    file,
    new Set([...names].filter((name) => other.get(file)?.has(name))),
  ]);
  return new Map(both.filter(([, names]) => names.size > 0));
}

try {
  const coverage = new CallCoverage(join(root, 'runtime', 'dist'));
  await coverage.start();
  const report = {
    success: await pathOf(() => passOne('success'), coverage),
    failure: await pathOf(() => passOne('failure'), coverage),
    publish: await pathOf(publishOne, coverage),
  };
  coverage.stop();
  if (process.argv.includes('--json')) console.log(JSON.stringify(report));
  else {
    for (const [outcome, files] of Object.entries(report)) {
      console.log(`${outcome}: ${files.length} files`);
      for (const file of files) console.log(`  runtime/src/${file}.ts`);
    }
  }
} finally {
  await app.close();
  await server.stop();
  rmSync(store, { recursive: true, force: true });
}
