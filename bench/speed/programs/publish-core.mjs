// `emit` of Nest's core NATS transport, without a confirmation.
import { ClientNats } from '@nestjs/microservices';
import { given } from './arguments.mjs';
import { eventsOf } from './event.mjs';
import { publishLoop } from './publish-loop.mjs';

const { url, subject, bytes } = given;
const client = new ClientNats({ servers: [url] });
await client.connect();
const eventOf = eventsOf(bytes);
const publish = (id) =>
  new Promise((resolve, reject) =>
    client.emit(`core.${subject}`, eventOf(id)).subscribe({ complete: resolve, error: reject }),
  );
await publishLoop(publish, given);
