import { NatsJetStreamClientProxy, type NatsJetStreamClientOptions } from '@nest-jetstream/transport';

/**
 * Connection options of a test that expects the server to answer the first attempt. A loaded
 * machine may need longer than the default of 3 s, and the application would start without it.
 */
export const PATIENT = { timeout: 15_000 } as const;

const clients: NatsJetStreamClientProxy[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map(async (client) => client.close()));
});

/** Creates a client without an application and closes it after the test. */
export function createClient(options: NatsJetStreamClientOptions): NatsJetStreamClientProxy {
  const client = new NatsJetStreamClientProxy(options);
  clients.push(client);
  return client;
}
