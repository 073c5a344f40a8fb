// Time from process start to the first message with nats.js alone.
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { finish, given } from './arguments.mjs';

const { url, stream, run: durable } = given;
const connection = await connect({ servers: url });
const manager = await jetstreamManager(connection);
await manager.consumers.add(stream, { durable_name: durable, ack_policy: 'explicit', deliver_policy: 'all' });
const consumer = await jetstream(connection).consumers.get(stream, durable);
await consumer.consume({ max_messages: 100, callback: () => finish({ startMs: performance.now() }) });
