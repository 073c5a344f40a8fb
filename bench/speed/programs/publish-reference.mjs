// `emit` of the reference plugin. Its Observable emits the PubAck.
import { createRequire } from 'node:module';
import { given } from './arguments.mjs';
import { eventsOf } from './event.mjs';
import { publishLoop } from './publish-loop.mjs';

const { NatsJetStreamClientProxy } = createRequire(import.meta.url)('@nestjs-plugins/nestjs-nats-jetstream-transport');
const { url, subject, bytes } = given;
const client = new NatsJetStreamClientProxy({ connectionOptions: { servers: url } });
await client.connect();
const eventOf = eventsOf(bytes);
const publish = (id) =>
  new Promise((resolve, reject) => client.emit(subject, eventOf(id)).subscribe({ next: resolve, error: reject }));
await publishLoop(publish, given);
