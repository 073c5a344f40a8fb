// Publishes what `consume-core` reads, in the packets of Nest's core NATS transport.
import { connect } from '@nats-io/transport-node';
import { given } from './arguments.mjs';
import { eventsOf } from './event.mjs';

const { url, subject, bytes, warmUp, messages } = given;
const connection = await connect({ servers: url });
const eventOf = eventsOf(bytes);
for (let id = 0; id < warmUp + messages; id++) {
  connection.publish(subject, JSON.stringify({ pattern: subject, data: eventOf(id) }));
  // Slower than the reader, or the server would cut it off.
  if (id % 100 === 0) await connection.flush();
}
await connection.drain();
