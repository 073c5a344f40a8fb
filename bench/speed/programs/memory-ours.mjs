// Memory of a consuming process, at its peak or between two points with a slow handler.
import { Payload } from '@nestjs/microservices';
import { JetStreamConsumer, NatsJetStreamServer, NatsJetStreamTransport } from '@nest-jetstream/transport';
import { setTimeout as pause } from 'node:timers/promises';
import { finish, given } from './arguments.mjs';
import { controllerOf, moduleOf, startApplication } from './nest-app.mjs';

const { url, subject, run: durable, messages, handlerMs } = given;
const MEGABYTE = 1_048_576;
const rss = () => process.memoryUsage().rss / MEGABYTE;
const early = Math.round(messages / 5);
let count = 0;
let earlyMb = 0;

const handled = () => {
  count++;
  if (count === early) earlyMb = rss();
  if (count !== messages) return;
  const peakMb = process.resourceUsage().maxRSS / 1_024;
  finish({ peakMb, earlyMb, lateMb: rss(), growth: rss() / earlyMb });
};
const slow = async () => {
  await pause(handlerMs);
  handled();
};
const decorator = JetStreamConsumer(subject, { durable });
const method = handlerMs ? slow : async () => handled();
await startApplication(
  moduleOf({
    imports: [NatsJetStreamTransport.register({ id: 'bench', connectionOptions: { servers: url } })],
    controllers: [controllerOf({ handle: { method, decorators: [decorator], parameters: [Payload()] } })],
  }),
  (app) => app.get(NatsJetStreamServer),
);
