// `send` to a @MessagePattern handler of the same application, with Nest's core NATS transport or
// with ours.
import { ClientNats, MessagePattern, Payload, ServerNats } from '@nestjs/microservices';
import { NatsJetStreamClientProxy, NatsJetStreamServer, NatsJetStreamTransport } from '@nest-jetstream/transport';
import { given } from './arguments.mjs';
import { eventsOf } from './event.mjs';
import { controllerOf, moduleOf, startApplication } from './nest-app.mjs';
import { publishLoop } from './publish-loop.mjs';

const { url, bytes, transport } = given;
const subject = 'bench.request';
const handle = { method: async (event) => event, decorators: [MessagePattern(subject)], parameters: [Payload()] };
const imports =
  transport === 'ours' ? [NatsJetStreamTransport.register({ id: 'bench', connectionOptions: { servers: url } })] : [];
const app = await startApplication(moduleOf({ imports, controllers: [controllerOf({ handle })] }), (own) =>
  transport === 'ours' ? own.get(NatsJetStreamServer) : new ServerNats({ servers: [url], queue: 'bench' }),
);
const client = transport === 'ours' ? app.get(NatsJetStreamClientProxy) : new ClientNats({ servers: [url] });
await client.connect();
const eventOf = eventsOf(bytes);
await publishLoop(
  (id) =>
    new Promise((resolve, reject) => client.send(subject, eventOf(id)).subscribe({ next: resolve, error: reject })),
  given,
);
