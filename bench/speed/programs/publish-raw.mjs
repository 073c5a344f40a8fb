// `js.publish` of nats.js alone, awaited.
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { given } from './arguments.mjs';
import { eventsOf } from './event.mjs';
import { publishLoop } from './publish-loop.mjs';

const { url, subject, bytes, noAsyncTraces = false } = given;
const connection = await connect({ servers: url, ...(noAsyncTraces ? { noAsyncTraces } : {}) });
const client = jetstream(connection);
const eventOf = eventsOf(bytes);
await publishLoop((id) => client.publish(subject, JSON.stringify(eventOf(id))), given);
