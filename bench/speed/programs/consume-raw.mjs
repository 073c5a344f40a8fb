// nats.js alone, with a callback consumer, JSON and an acknowledgement.
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { given } from './arguments.mjs';
import { Meter } from './meter.mjs';

const { url, stream, run: durable, prefetch, double = false } = given;
const connection = await connect({ servers: url });
const manager = await jetstreamManager(connection);
await manager.consumers.add(stream, {
  durable_name: durable,
  ack_policy: 'explicit',
  deliver_policy: 'all',
  max_ack_pending: 10_000,
});
const consumer = await jetstream(connection).consumers.get(stream, durable);
const meter = new Meter(given);
await consumer.consume({
  max_messages: prefetch,
  callback: (message) => {
    message.json();
    if (double) void message.ackAck().then(() => meter.count());
    else {
      message.ack();
      meter.count();
    }
  },
});
