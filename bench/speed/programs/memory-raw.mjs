// Peak memory of a process that consumes with nats.js alone.
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { finish, given } from './arguments.mjs';

const { url, stream, run: durable, messages } = given;
const connection = await connect({ servers: url });
const manager = await jetstreamManager(connection);
await manager.consumers.add(stream, { durable_name: durable, ack_policy: 'explicit', deliver_policy: 'all' });
const consumer = await jetstream(connection).consumers.get(stream, durable);
let count = 0;
await consumer.consume({
  max_messages: 100,
  callback: (message) => {
    message.json();
    message.ack();
    if (++count === messages) finish({ peakMb: process.resourceUsage().maxRSS / 1_024 });
  },
});
