import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSettled, probe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { NestProject } from '../support/nest-project';
import { startApp } from '../support/running-app';

const FIXTURES = join(__dirname, 'fixtures', 'monorepo');
const FIELDS = 'id: number; product: string';
const FOLDERS = ['apps', 'libs'];
// What `nest build` asks for in a monorepo, and `nest g app` leaves out.
const BUILDER = ['@rspack/core@^2', 'webpack-node-externals@^3', 'tsconfig-paths-webpack-plugin@^4'];

jest.setTimeout(10 * 60_000);

describe('a monorepo of two applications and a library', () => {
  let project: NestProject;
  const ours = async (...args: string[]) => project.run('npx', '--no', '--', 'nest-jetstream', ...args);
  const tool = async (...args: string[]) => project.run('npx', '--no', '--', ...args);
  const copyFixture = async (name: string, to: string) =>
    project.write(`${to}/${name}`, await readFile(join(FIXTURES, name), 'utf8'));

  beforeAll(async () => {
    project = await NestProject.create('Nest 12 ESM', ...BUILDER);
    await project.nest('g', 'app', 'billing');
    await project.nest('g', 'library', 'shared');
  });
  afterAll(async () => project?.remove());

  it('is wired application by application, and what it then needs is installed', async () => {
    await ours('add', '--project', 'billing');
    expect(await project.read('apps/billing/src/billing.module.ts')).toContain("register({ id: 'billing' })");
    expect(await project.read('apps/shop/src/app.module.ts')).not.toContain('JetStream');
    // Fails when what is installed is not what package.json has.
    expect(await project.run('npm', 'ls', '--depth=0')).toContain('@nestjs/microservices@12');
    expect(JSON.parse(await project.read('package-lock.json')).packages['']).toMatchObject({
      dependencies: { '@nestjs/microservices': '^12.0.0' },
      devDependencies: { 'nest-jetstream': expect.stringContaining('file:') },
    });

    await project.nest('add', 'nest-jetstream', '-s', '--project', 'shop');
    expect(await project.read('apps/shop/src/app.module.ts')).toContain("register({ id: 'shop' })");
  });

  it('leaves a library to its applications', async () => {
    const before = await project.fingerprint();
    await ours('add', '--project', 'shared');
    expect(await project.fingerprint()).toEqual(before);
  });

  it('gets a stream in the library, which an application consumes', async () => {
    await project.nest('g', 'jetstream-stream', 'orders', '-p', 'shared');
    await ours('generate', 'event', 'order.created', '--project', 'shared', '--type', FIELDS);
    await copyFixture('index.ts', 'libs/shared/src');
    await project.nest('g', 'module', 'sales', '-p', 'billing');
    await copyFixture('sales.module.ts', 'apps/billing/src/sales');
    await copyFixture('order-created.consumer.ts', 'apps/billing/src/sales');

    expect(await project.read('libs/shared/src/orders/orders.stream.ts')).toContain('ORDER_CREATED');
  });

  it('gets a stream and a consumer in an application, through both command lines', async () => {
    await project.nest('g', 'jetstream-stream', 'invoices', '-p', 'billing');
    await ours('generate', 'consumer', 'invoice.paid', '--project', 'billing', '--type', FIELDS);

    expect(await project.read('apps/billing/src/billing.module.ts')).toContain('InvoicesModule');
    expect(await project.read('apps/billing/src/invoices/invoices.module.ts')).toContain('InvoicePaidConsumer');
  });

  it('stays as it is when everything is run again', async () => {
    const before = await project.fingerprint();
    await ours('add', '--project', 'billing');
    await project.nest('add', 'nest-jetstream', '-s', '--project', 'shop');
    await project.nest('g', 'jetstream-stream', 'orders', '-p', 'shared');
    await ours('generate', 'event', 'order.created', '--project', 'shared');
    await project.nest('g', 'jsc', 'invoice.paid', '-p', 'billing');
    expect(await project.fingerprint()).toEqual(before);
  });

  it('leaves nothing to do for compiler, linter and prettier', async () => {
    for (const app of ['billing', 'shop']) await tool('tsc', '--noEmit', '-p', `apps/${app}/tsconfig.app.json`);
    expect(await tool('oxlint', '--type-aware', '--deny-warnings', ...FOLDERS)).toMatch(/ 0 errors/);
    expect(await tool('prettier', '--check', ...FOLDERS)).toContain('All matched files');
  });

  it('has specs that pass', async () => {
    // Those of the library need its decorators compiled: `nest g library` leaves it out of the references, where vitest looks.
    expect(await tool('vitest', 'run', 'apps')).toContain('invoice-paid.consumer.spec.ts');
  });

  it('handles an event of either stream', async () => {
    await project.nest('build', 'billing');
    const server = await startTestServer();
    const app = await startApp(project, server.url, { main: 'dist/apps/billing/main.js' });
    const observer = await probe(server.url);
    await observer.client.publish('order.created', JSON.stringify({ id: 1, product: 'Socks' }));
    await observer.client.publish('invoice.paid', JSON.stringify({ id: 2, product: 'Hat' }));
    await app.waitForLog(/\[OrderCreatedConsumer\].*Socks/);
    await app.waitForLog(/\[InvoicePaidConsumer\].*Hat/);
    await app.stop();

    expect(await isSettled(observer, 'ORDERS', 'billing-order-created')).toBe(true);
    expect(await isSettled(observer, 'INVOICES', 'billing-invoice-paid')).toBe(true);
  });
});
