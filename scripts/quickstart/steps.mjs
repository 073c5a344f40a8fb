import { join } from 'node:path';
import { build } from '../workspace/build.mjs';
import { install, installIsMissing } from '../workspace/install.mjs';
import { resolveNatsServer, startNatsServer } from '../workspace/nats-server.mjs';
import { pack } from '../workspace/pack.mjs';
import { placeOrder, startShop } from './order.mjs';
import { createRecording } from './recording.mjs';
import { describeOrder, orderCommand } from './report.mjs';
import { shopIn } from './shop.mjs';

/**
 * Runs all steps from the sources to a received event.
 * @param {{ progress: object, folder: string, onCleanUp: (work: () => Promise<void>) => void }} run
 * onCleanUp receives the work to undo a step if a later one fails
 */
export async function takeSteps({ progress, folder, onCleanUp }) {
  const step = (name, work) => progress.step(name, async () => ({ result: await work() })).then(({ result }) => result);
  const recording = createRecording();
  const shop = shopIn(folder, recording);

  if (installIsMissing()) await step('install dependencies', install);
  await step('build both packages', () => build());
  const { binary } = await step('find a nats-server', resolveNatsServer);
  const tarballs = await step('pack both packages', () => pack(folder));
  await step('nest new shop', shop.create);
  await step('nest add nest-jetstream', () => shop.addPackages(tarballs));
  await step('nest-jetstream generate stream orders', shop.generateStream);
  await step('nest-jetstream generate consumer order.created', shop.generateConsumer);
  await step('nest-jetstream generate publisher orders --controller', shop.generatePublisher);
  await step('npm run build', shop.build);

  const server = await step('start a nats-server', async () => {
    const started = await startNatsServer({
      binary,
      port: 0,
      storeDir: join(folder, 'jetstream'),
      ownProcessGroup: true,
    });
    onCleanUp(() => started.stop());
    return started;
  });
  const running = await step('start the shop', () => startShop(shop, server.url));
  const order = await step('POST /order/created, and wait for the event', () => placeOrder(running));
  recording.add(orderCommand(order.sent), JSON.stringify(order.ack));
  recording.print(`[OrderCreatedConsumer] ${order.received}`);
  progress.say(`\n${describeOrder(order)}\n`);

  await step('stop the shop and the nats-server', async () => {
    await running.app.stop();
    await server.stop();
  });
  return { shop, recording };
}
