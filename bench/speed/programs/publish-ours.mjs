// `emitAsync`, `emit`, or `emit` without waiting, of the injected client.
import { setImmediate as turn } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { NatsJetStreamClientProxy, NatsJetStreamTransport } from '@nest-jetstream/transport';
import { given } from './arguments.mjs';
import { eventsOf } from './event.mjs';
import { moduleOf } from './nest-app.mjs';
import { publishLoop } from './publish-loop.mjs';

const { url, subject, bytes, style = 'emitAsync', telemetry: kind } = given;
// Loaded on demand, because the other variants must not load it.
const telemetry = kind && [await (await import('./telemetry.mjs')).telemetryOf[kind]()];
const module = moduleOf({
  imports: [NatsJetStreamTransport.register({ id: 'bench', connectionOptions: { servers: url }, telemetry })],
});
const app = await NestFactory.createApplicationContext(module, { logger: ['error', 'warn'] });
const client = app.get(NatsJetStreamClientProxy);
await client.connect();
const eventOf = eventsOf(bytes);
const publish = {
  emitAsync: (id) => client.emitAsync(subject, eventOf(id)),
  emit: (id) =>
    new Promise((resolve, reject) => client.emit(subject, eventOf(id)).subscribe({ next: resolve, error: reject })),
  forget: (id) => {
    client.emit(subject, eventOf(id));
    return turn();
  },
};
await publishLoop(publish[style], given);
