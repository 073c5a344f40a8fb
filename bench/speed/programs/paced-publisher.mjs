// Publishes a thousand events per second with their publish times. All processes share the
// monotonic clock.
import { connect } from '@nats-io/transport-node';
import { given } from './arguments.mjs';
import { eventsOf } from './event.mjs';

const PER_SECOND = 1_000;
const { url, subject, bytes, warmUp, messages } = given;
const connection = await connect({ servers: url });
const eventOf = eventsOf(bytes);
const startedAt = performance.now();
let sent = 0;
const timer = setInterval(() => {
  const due = Math.min(warmUp + messages, ((performance.now() - startedAt) * PER_SECOND) / 1_000);
  for (; sent < due; sent++)
    connection.publish(subject, JSON.stringify({ ...eventOf(sent), at: Number(process.hrtime.bigint()) / 1_000 }));
  if (sent < warmUp + messages) return;
  clearInterval(timer);
  void connection.drain();
}, 1);
