// Usage: until-stored.mjs URL STREAM COUNT. Exits when the stream has COUNT messages.
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

const [, , servers, stream, count] = process.argv;
const connection = await connect({ servers });
const manager = await jetstreamManager(connection);
while ((await manager.streams.info(stream)).state.messages < Number(count));
await connection.close();
