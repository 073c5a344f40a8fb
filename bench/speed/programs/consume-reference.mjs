// The reference plugin with a push consumer and manual acknowledgement, as in its README.
import { createRequire } from 'node:module';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { given } from './arguments.mjs';
import { Meter } from './meter.mjs';
import { controllerOf, moduleOf, startApplication } from './nest-app.mjs';

const { NatsJetStreamServer } = createRequire(import.meta.url)('@nestjs-plugins/nestjs-nats-jetstream-transport');
const { url, subject, run, prefetch } = given;
const meter = new Meter(given);
const method = async (_event, context) => {
  context.message.ack();
  meter.count();
};
const handle = { method, decorators: [EventPattern(subject)], parameters: [Payload(), Ctx()] };
const server = new NatsJetStreamServer({
  connectionOptions: { servers: url },
  consumerOptions: {
    durable: run,
    deliverTo: run,
    deliverPolicy: 'All',
    ackPolicy: 'Explicit',
    manualAck: true,
    maxAckPending: prefetch,
  },
});
await startApplication(moduleOf({ controllers: [controllerOf({ handle })] }), () => server);
