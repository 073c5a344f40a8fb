import { connect } from '@nats-io/transport-node';
import { resolveNatsServer, startNatsServer } from '../../../scripts/workspace/nats-server.mjs';

/** Starts a nats-server with JetStream on loopback, and connects the runner to it. */
export async function startServer(storeDir) {
  const { binary, version } = await resolveNatsServer();
  const server = await startNatsServer({ binary, port: 0, monitorPort: 0, storeDir });
  const connection = await connect({ servers: server.url, noAsyncTraces: true });
  return {
    connection,
    version,
    url: server.url,
    monitorUrl: server.monitorUrl,
    stop: async () => {
      await connection.close();
      await server.stop();
    },
  };
}
