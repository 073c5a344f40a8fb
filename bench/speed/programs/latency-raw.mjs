// nats.js alone.
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { given } from './arguments.mjs';
import { LatencyMeter } from './latency-meter.mjs';

const { url, stream, run: durable } = given;
const connection = await connect({ servers: url });
const manager = await jetstreamManager(connection);
await manager.consumers.add(stream, { durable_name: durable, ack_policy: 'explicit', deliver_policy: 'new' });
const consumer = await jetstream(connection).consumers.get(stream, durable);
const meter = new LatencyMeter(given);
await consumer.consume({
  max_messages: 1_000,
  callback: (message) => {
    meter.handled(message.json());
    message.ack();
  },
});
await connection.flush();
meter.start();
