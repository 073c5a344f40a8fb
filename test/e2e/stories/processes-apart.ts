import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../support/eventually';
import { isSettled, probe } from '../../support/jetstream-probe';
import { startTestServer } from '../../support/nats-server';
import type { NestProject } from '../../support/nest-project';
import { freePort } from '../../support/ports';
import { startApp, type AppOptions, type RunningApp } from '../../support/running-app';

const SOURCES = join(__dirname, '..', 'fixtures', 'apart');
const OPERATING = join(__dirname, '..', '..', '..', 'docs', 'operating.md');
const ORDERS = Array.from({ length: 20 }, (_, at) => at + 1);

/**
 * A publisher and a consumer in separate processes. The consumer has the health controller of
 * docs/operating.md.
 */
export function processesApart(shop: () => NestProject): void {
  let project: NestProject;

  const startPublisher = async (url: string): Promise<RunningApp> =>
    startApp(project, url, { main: 'dist/publisher.js' });
  const startConsumer = async (url: string, env: AppOptions['env'] = {}): Promise<RunningApp> =>
    startApp(project, url, { main: 'dist/consumer.js', env });

  beforeAll(async () => {
    project = await shop().sibling('apart');
    for (const file of await readdir(SOURCES)) await copyFile(join(SOURCES, file), join(project.path, 'src', file));
    await project.write('src/health.controller.ts', await healthController());
  });

  it('compile with the health controller of the documentation', async () => {
    await expect(project.run('npm', 'run', 'build')).resolves.toEqual(expect.any(String));
  });

  it('start in any order: the consumer waits for the server and the stream', async () => {
    const port = await freePort();
    const url = `nats://127.0.0.1:${port}`;
    const consumer = await startConsumer(url);
    expect(await readiness(consumer)).toMatchObject({ code: 503, nats: { status: 'down' } });

    await startTestServer({ port });
    await consumer.waitForLog(/OrderCreatedConsumer\.handle\): no stream stores 'order\.created' yet/);
    expect(await readiness(consumer)).toMatchObject({ code: 503, nats: { status: 'down', connection: 'connected' } });

    const publisher = await startPublisher(url);
    await eventually('ready', async () => (await readiness(consumer)).code === 200);
    await publish(publisher, 1);
    await consumer.waitForLog(/handled 1\./);
    await Promise.all([consumer.stop(), publisher.stop()]);
  });

  it('are not ready while the server is stopped', async () => {
    const server = await startTestServer();
    const publisher = await startPublisher(server.url);
    const consumer = await startConsumer(server.url);
    await eventually('ready', async () => (await readiness(consumer)).code === 200);

    await server.stop();
    await eventually('not ready', async () => (await readiness(consumer)).code === 503);
    expect(await readiness(consumer)).toMatchObject({
      nats: { status: 'down', problems: expect.arrayContaining([`no connection to ${server.url}`]) },
    });

    await server.restart();
    await eventually('ready again', async () => (await readiness(consumer)).code === 200);
    await publish(publisher, 1);
    await consumer.waitForLog(/handled 1\./);
    await Promise.all([consumer.stop(), publisher.stop()]);
  });

  it('share a durable, so that messages of a killed instance are handled by the other', async () => {
    const server = await startTestServer();
    const publisher = await startPublisher(server.url);
    const dying = await startConsumer(server.url, { HOLD: 'true' });
    await publish(publisher, ORDERS[0]);
    await dying.waitForLog(/begins 1\./);
    const survivor = await startConsumer(server.url);
    for (const id of ORDERS.slice(1)) await publish(publisher, id);
    await survivor.waitForLog(/handled \d+\./);

    await dying.kill();
    for (const id of ORDERS) await survivor.waitForLog(new RegExp(`handled ${id}\\.`));
    const observer = await probe(server.url);
    await eventually('settled', async () => isSettled(observer, 'ORDERS', 'orders'));
    await Promise.all([survivor.stop(), publisher.stop()]);
  });
}

async function healthController(): Promise<string> {
  const [, code] = /```ts\n([^`]*class HealthController[^`]*)```/.exec(await readFile(OPERATING, 'utf8')) ?? [];
  if (code === undefined) throw new Error('docs/operating.md has no HealthController.');
  return code;
}

async function publish(publisher: RunningApp, id: number | undefined): Promise<void> {
  const response = await fetch(`${publisher.url}/orders/${id}`, { method: 'POST' });
  expect(await response.json()).toMatchObject({ stream: 'ORDERS', duplicate: false });
}

interface Readiness {
  readonly code: number;
  readonly nats: unknown;
}

async function readiness({ url }: RunningApp): Promise<Readiness> {
  const response = await fetch(`${url}/health`);
  const report: { details: { nats: unknown } } = JSON.parse(await response.text());
  return { code: response.status, nats: report.details.nats };
}
