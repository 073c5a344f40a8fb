// The transport with default options.
import { Payload } from '@nestjs/microservices';
import { JetStreamConsumer, NatsJetStreamServer, NatsJetStreamTransport } from '@nest-jetstream/transport';
import { given } from './arguments.mjs';
import { LatencyMeter } from './latency-meter.mjs';
import { controllerOf, moduleOf, startApplication } from './nest-app.mjs';

const { url, subject, run: durable } = given;
const meter = new LatencyMeter(given);
const handle = {
  method: async (event) => meter.handled(event),
  parameters: [Payload()],
  decorators: [JetStreamConsumer(subject, { durable, deliverPolicy: 'new' })],
};
await startApplication(
  moduleOf({
    imports: [NatsJetStreamTransport.register({ id: 'bench', connectionOptions: { servers: url } })],
    controllers: [controllerOf({ handle })],
  }),
  (app) => app.get(NatsJetStreamServer),
);
meter.start();
