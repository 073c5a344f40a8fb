import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { addGuideTest } from '../support/guide-test';
import { isSettled, probe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { NestProject } from '../support/nest-project';
import { startApp } from '../support/running-app';
import { bundledApplication } from './stories/bundled-application';
import { compareContract, writeContract } from './stories/contract';
import { expectApplied, expectOperated } from './stories/operated-application';
import { pureMicroservice } from './stories/pure-microservice';

/** Second generation of the OpenTelemetry SDK. test/runtime/traces.spec.ts uses the first. */
const TRACING = [
  '@opentelemetry/api@1.10.0',
  ...['context-async-hooks', 'core', 'sdk-trace'].map((name) => `@opentelemetry/${name}@3.1.1`),
];
/** Starts the SDK before Nest, and prints each span with its trace. */
const PRELOAD = `
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const exporter = {
  export: (spans, done) => {
    for (const span of spans) console.log('span', span.name, span.spanContext().traceId);
    done({ code: 0 });
  },
  forceFlush: async () => undefined,
  shutdown: async () => undefined,
};
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
`;
const FIELDS = 'id: number; product: string; quantity: number';

jest.setTimeout(20 * 60_000);

describe('a Nest 12 project of ES modules', () => {
  let project: NestProject;

  beforeAll(async () => {
    project = await NestProject.create('Nest 12 ESM', 'esbuild@^0.28', ...TRACING);
  });
  afterAll(async () => project?.remove());

  it('gets the transport from nest add', async () => {
    await project.nest('add', 'nest-jetstream', '-s');
    await project.run('npm', 'install');

    expect(JSON.parse(await project.read('package.json'))).toMatchObject({
      dependencies: { '@nest-jetstream/transport': expect.any(String), '@nestjs/microservices': expect.any(String) },
      devDependencies: { 'nest-jetstream': expect.any(String) },
    });
    expect(JSON.parse(await project.read('nest-cli.json'))).toMatchObject({ collection: 'nest-jetstream' });
    expect(await project.read('src/app.module.ts')).toContain('NatsJetStreamTransport.register(');
    expect(await project.read('src/app.module.ts')).toContain('telemetry: [openTelemetry()]');
    expect(await project.read('src/main.ts')).toContain('startAllMicroservices()');
  });

  it('gets a stream, consumers and a publisher through both command lines', async () => {
    await project.nest('g', 'jetstream-stream', 'orders');
    await project.nest('g', 'jetstream-consumer', 'order.created', '--type', FIELDS);
    await project.nest('g', 'jsc', 'order.paid');
    await project.run('npx', '--no', 'nest-jetstream', 'generate', 'consumer', 'order.shipped', '--type', FIELDS);
    await project.run('npx', '--no', 'nest-jetstream', 'generate', 'publisher', 'orders', '--controller');

    expect(await readdir(join(project.path, 'src', 'orders'))).toEqual(
      expect.arrayContaining([
        'order-created.consumer.ts',
        'order-paid.consumer.ts',
        'order-shipped.consumer.ts',
        'orders.controller.ts',
        'orders.events.ts',
        'orders.module.ts',
        'orders.publisher.ts',
        'orders.stream.ts',
      ]),
    );
  });

  // Runs before the stock schematics, which do not format their edits.
  it('is formatted with prettier', async () => {
    await expect(project.run('npx', '--no', '--', 'prettier', '--check', 'src')).resolves.toContain(
      'All matched files',
    );
  });

  it('keeps the stock schematics', async () => {
    await project.nest('g', 'module', 'catalog');
    await project.nest('g', 'controller', 'catalog', '--no-spec');

    expect(await project.read('src/app.module.ts')).toContain('CatalogModule');
    expect(await project.read('src/catalog/catalog.module.ts')).toContain('CatalogController');
  });

  it('lists our schematics in nest g --help', async () => {
    const help = await project.nest('g', '--help');

    for (const name of ['jetstream-stream', 'jetstream-consumer', 'controller']) expect(help).toContain(name);
  });

  it('is not changed by a second run', async () => {
    const before = await project.fingerprint();

    await project.nest('add', 'nest-jetstream', '-s');
    await project.nest('g', 'jetstream-stream', 'orders');
    await project.nest('g', 'jetstream-consumer', 'order.created', '--type', FIELDS);
    await project.nest('g', 'jetstream-consumer', 'order.paid');

    expect(await project.fingerprint()).toEqual(before);
  });

  it.each(['npm run build', 'npm run lint', 'npm test'])('passes %s', async (line) => {
    const [command = '', ...args] = line.split(' ');

    await expect(project.run(command, ...args)).resolves.toEqual(expect.any(String));
  });

  it('passes the test of the guide', async () => {
    await addGuideTest(project);

    await expect(project.run('npm', 'test')).resolves.toContain('orders.flow.spec.ts');
  });

  it('handles and traces an order from HTTP, and handles one from a publisher without Nest', async () => {
    const server = await startTestServer();
    await project.write('tracing.mjs', PRELOAD);
    const app = await startApp(project, server.url, { env: { NODE_OPTIONS: '--import=./tracing.mjs' } });
    const observer = await probe(server.url);

    const response = await fetch(`${app.url}/order/created`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 1, product: 'Socks', quantity: 2 }),
    });
    expect(await response.json()).toEqual({ stream: 'ORDERS', seq: 1, duplicate: false });
    await app.waitForLog(/\[OrderCreatedConsumer\].*Socks/);
    const traceOf = async (span: string): Promise<string | undefined> =>
      / (\w{32})/.exec(await app.waitForLog(new RegExp(`^span ${span} \\w{32}`, 'm')))?.[1];
    expect(await traceOf('process order.created')).toBe(await traceOf('publish order.created'));

    await observer.client.publish('order.shipped', JSON.stringify({ id: 2, product: 'Hat', quantity: 1 }));
    await app.waitForLog(/\[OrderShippedConsumer\].*Hat/);

    await app.stop();
    expect(await isSettled(observer, 'ORDERS', 'shop-order-created')).toBe(true);
    expect(await isSettled(observer, 'ORDERS', 'shop-order-shipped')).toBe(true);
  });

  it('loses nothing when the nats-server stops between publish and consume', async () => {
    const server = await startTestServer();
    const before = await startApp(project, server.url);
    await before.stop();

    const observer = await probe(server.url);
    await observer.client.publish('order.created', JSON.stringify({ id: 3, product: 'Scarf', quantity: 1 }));
    await server.stop();
    await server.restart();

    const after = await startApp(project, server.url);
    await expect(after.waitForLog(/\[OrderCreatedConsumer\].*Scarf/)).resolves.toContain('order.created');
    await after.stop();
  });

  it('reconnects after a restart of the nats-server', async () => {
    const server = await startTestServer();
    const app = await startApp(project, server.url);
    await server.stop();
    await server.restart();

    const observer = await probe(server.url);
    await observer.client.publish('order.created', JSON.stringify({ id: 4, product: 'Gloves', quantity: 1 }));

    await expect(app.waitForLog(/\[OrderCreatedConsumer\].*Gloves/)).resolves.toContain('order.created');
    await app.stop();
  });

  it('is operated by the commands', async () => {
    const { url } = await startTestServer();
    await expectApplied({ project }, url);
    await expectOperated({ project }, url);
  });

  describe('as a bundle', () => {
    bundledApplication(() => project);
  });

  it('writes its AsyncAPI document, and compares its events with the committed one', async () => {
    const document = await writeContract(project);
    expect(Object.keys(document['channels'] ?? {})).toEqual(['order.created', 'order.paid', 'order.shipped']);
    expect(document['operations']).toMatchObject({
      'OrderCreatedConsumer.handle': { 'x-jetstream-consumer': { durable: 'shop-order-created' } },
    });
    await compareContract(project);
  });

  describe('beside a service without HTTP', () => {
    pureMicroservice(() => project);
  });
});
