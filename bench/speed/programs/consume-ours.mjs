// The transport in the setup of `nest add`. `options` are those of @JetStreamConsumer.
import { Ctx, Payload } from '@nestjs/microservices';
import { UseInterceptors } from '@nestjs/common';
import { JetStreamConsumer, NatsJetStreamServer, NatsJetStreamTransport } from '@nest-jetstream/transport';
import { given } from './arguments.mjs';
import { Meter } from './meter.mjs';
import { controllerOf, moduleOf, startApplication } from './nest-app.mjs';

const { url, subject, run: durable, prefetch, style = 'auto', options = {}, telemetry: kind } = given;
// Loaded on demand, because the other variants must not load it.
const telemetry = kind && [await (await import('./telemetry.mjs')).telemetryOf[kind]()];
const meter = new Meter(given);
const passing = { transform: (value) => value };
const around = { intercept: (_context, next) => next.handle() };

const auto = async () => meter.count();
const manual = async (_event, context) => {
  await context.ack();
  meter.count();
};
const batch = async (events) => meter.count(events.length);

const styles = {
  auto: { method: auto },
  manual: { method: manual, parameters: [Payload(), Ctx()], options: { manualAck: true } },
  'pipe and interceptor': { method: auto, parameters: [Payload(passing)], decorators: [UseInterceptors(around)] },
  batch: { method: batch, options: { batch: { size: 100, timeout: 100 } } },
  keys: { method: auto, options: { orderBy: ({ id }) => String(id % 100) } },
};
const { method, parameters = [Payload()], decorators = [], options: own = {} } = styles[style];
const consumer = JetStreamConsumer(subject, { durable, prefetch, ...own, ...options });

await startApplication(
  moduleOf({
    imports: [NatsJetStreamTransport.register({ id: 'bench', connectionOptions: { servers: url }, telemetry })],
    controllers: [controllerOf({ handle: { method, parameters, decorators: [...decorators, consumer] } })],
  }),
  (app) => app.get(NatsJetStreamServer),
);
