// Time from process start to the first message, with our transport or Nest's core NATS transport,
// which publishes the message when it is connected.
import { EventPattern, Payload, ServerNats } from '@nestjs/microservices';
import { JetStreamConsumer, NatsJetStreamServer, NatsJetStreamTransport } from '@nest-jetstream/transport';
import { finish, given } from './arguments.mjs';
import { controllerOf, moduleOf, startApplication } from './nest-app.mjs';

const { url, subject, run: durable, transport } = given;
const isOurs = transport === 'ours';
const decorator = isOurs ? JetStreamConsumer(subject, { durable }) : EventPattern(`core.${subject}`);
const method = async () => finish({ startMs: performance.now() });
const imports = isOurs ? [NatsJetStreamTransport.register({ id: 'bench', connectionOptions: { servers: url } })] : [];
const controllers = [controllerOf({ handle: { method, decorators: [decorator], parameters: [Payload()] } })];
const core = new ServerNats({ servers: [url] });
await startApplication(moduleOf({ imports, controllers }), (app) => (isOurs ? app.get(NatsJetStreamServer) : core));
if (!isOurs) core.unwrap().publish(`core.${subject}`, JSON.stringify({ pattern: `core.${subject}`, data: 1 }));
