// An application with many handlers, each with its own durable.
import { Payload } from '@nestjs/microservices';
import { JetStreamConsumer, NatsJetStreamServer, NatsJetStreamTransport } from '@nest-jetstream/transport';
import { finish, given } from './arguments.mjs';
import { controllerOf, moduleOf, startApplication } from './nest-app.mjs';

const { url, monitorUrl, handlers, run } = given;
const name = `app-${run}`;
const handlersOf = Array.from({ length: handlers }, (_, at) => [
  `handle${at}`,
  {
    method: async () => undefined,
    parameters: [Payload()],
    decorators: [JetStreamConsumer(`many.event-${at}`, { durable: `${run}-${at}` })],
  },
]);
const module = moduleOf({
  imports: [NatsJetStreamTransport.register({ id: 'bench', connectionOptions: { servers: url, name } })],
  controllers: [controllerOf(Object.fromEntries(handlersOf))],
});
const startedAt = performance.now();
await startApplication(module, (app) => app.get(NatsJetStreamServer));
const startMs = performance.now() - startedAt;
const { connections } = await (await fetch(`${monitorUrl}/connz`)).json();
const own = connections.filter((connection) => connection.name === name);
finish({
  startMs,
  connections: own.length,
  subscriptions: own.reduce((sum, { subscriptions }) => sum + subscriptions, 0),
});
