// Publishes the events for `consume-core` in the packet format of Nest's core NATS transport.
import { connect } from '@nats-io/transport-node';
import { given } from './arguments.mjs';
import { eventsOf } from './event.mjs';

const { url, subject, bytes, warmUp, messages } = given;
const connection = await connect({ servers: url });
const eventOf = eventsOf(bytes);
for (let id = 0; id < warmUp + messages; id++) {
  connection.publish(subject, JSON.stringify({ pattern: subject, data: eventOf(id) }));
  // Stays slower than the reader, so that the server does not disconnect it.
  if (id % 100 === 0) await connection.flush();
}
await connection.drain();
