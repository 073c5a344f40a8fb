import { probe, isSettled } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { NestProject } from '../support/nest-project';
import { startApp } from '../support/running-app';

const FIELDS = 'id: number; product: string';

jest.setTimeout(10 * 60_000);

describe('a project of pnpm', () => {
  let project: NestProject;

  beforeAll(async () => {
    project = await NestProject.createWithPnpm();
  });
  afterAll(async () => project?.remove());

  it('is wired, and generates through both command lines', async () => {
    await project.nest('add', 'nest-jetstream', '-s');
    await project.pnpm('install', '--no-frozen-lockfile');
    await project.nest('g', 'jetstream-stream', 'orders');
    await project.run('npx', '--no', 'nest-jetstream', 'generate', 'consumer', 'order.created', '--type', FIELDS);

    expect(await project.read('src/orders/orders.module.ts')).toContain('OrderCreatedConsumer');
  });

  it.each(['build', 'test'])('passes pnpm %s', async (script) => {
    await expect(project.pnpm('run', script)).resolves.toEqual(expect.any(String));
  });

  it('handles an event', async () => {
    const server = await startTestServer();
    const app = await startApp(project, server.url);
    const observer = await probe(server.url);
    await observer.client.publish('order.created', JSON.stringify({ id: 1, product: 'Socks' }));
    await app.waitForLog(/\[OrderCreatedConsumer\].*Socks/);
    await app.stop();
    expect(await isSettled(observer, 'ORDERS', 'shop-order-created')).toBe(true);
  });
});

describe('a monorepo', () => {
  let project: NestProject;

  beforeAll(async () => {
    project = await NestProject.create('Nest 12 ESM');
    await project.nest('g', 'app', 'billing');
    await project.nest('g', 'library', 'shared', '--prefix', '@app');
  });
  afterAll(async () => project?.remove());

  it('is wired application by application, and generates through both command lines', async () => {
    await project.nest('add', 'nest-jetstream', '-s', '-p', 'billing');
    await project.run('npm', 'install');
    await project.nest('g', 'jetstream-stream', 'invoices', '-p', 'billing');
    await project.run(
      ...(['npx', '--no', 'nest-jetstream', 'generate', 'consumer', 'invoice.paid'] as const),
      ...['--project', 'billing', '--type', FIELDS],
    );

    expect(await project.read('apps/billing/src/billing.module.ts')).toContain("register({ id: 'billing' })");
    expect(await project.read('apps/billing/src/invoices/invoices.module.ts')).toContain('InvoicePaidConsumer');
    expect(await project.read('apps/shop/src/app.module.ts')).not.toContain('JetStream');
  });

  it('leaves a library to its applications', async () => {
    const before = await project.fingerprint();
    await project.run('npx', '--no', 'nest-jetstream', 'add', '--project', 'shared');
    expect(await project.fingerprint()).toEqual(before);
  });

  it('compiles', async () => {
    const line = ['--no', 'tsc', '--noEmit', '-p', 'apps/billing/tsconfig.app.json'];
    await expect(project.run('npx', ...line)).resolves.toEqual(expect.any(String));
  });

  it('stays as it is when everything is run again', async () => {
    const before = await project.fingerprint();
    await project.nest('add', 'nest-jetstream', '-s', '-p', 'billing');
    await project.nest('g', 'jetstream-stream', 'invoices', '-p', 'billing');
    await project.nest('g', 'jsc', 'invoice.paid', '-p', 'billing');
    expect(await project.fingerprint()).toEqual(before);
  });
});
