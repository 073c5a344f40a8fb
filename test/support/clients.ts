import { NatsJetStreamClientProxy, type NatsJetStreamClientOptions } from '@nest-jetstream/transport';

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
