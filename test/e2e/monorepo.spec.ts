import { isSettled, probe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { NestProject } from '../support/nest-project';
import { startApp } from '../support/running-app';
import { compareContract, writeContract } from './stories/contract';
import { expectApplied, expectOperated, operate } from './stories/operated-application';

const FIELDS = 'id: number; product: string';
const FOLDERS = ['apps', 'libs'];
// `nest build` needs it in a monorepo, and `nest g app` does not add it.
const BUILDER = ['@rspack/core@^2', 'webpack-node-externals@^3', 'tsconfig-paths-webpack-plugin@^4'];

jest.setTimeout(20 * 60_000);

describe('a monorepo of two applications and a library', () => {
  let project: NestProject;
  const ours = async (...args: string[]) => project.run('npx', '--no', '--', 'nest-jetstream', ...args);
  const tool = async (...args: string[]) => project.run('npx', '--no', '--', ...args);

  beforeAll(async () => {
    project = await NestProject.create('Nest 12 ESM', ...BUILDER);
    await project.nest('g', 'app', 'billing');
    await project.nest('g', 'library', 'shared');
  });
  afterAll(async () => project?.remove());

  it('gets the transport per application and installs packages', async () => {
    await ours('add', '--project', 'billing');
    expect(await project.read('apps/billing/src/billing.module.ts')).toContain("register({ id: 'billing' })");
    expect(await project.read('apps/shop/src/app.module.ts')).not.toContain('JetStream');
    // Fails if the installed packages do not match package.json.
    expect(await project.run('npm', 'ls', '--depth=0')).toContain('@nestjs/microservices@12');
    expect(JSON.parse(await project.read('package-lock.json')).packages['']).toMatchObject({
      dependencies: { '@nestjs/microservices': expect.stringMatching(/^\^12\./) },
      devDependencies: { 'nest-jetstream': expect.stringContaining('file:') },
    });

    await project.nest('add', 'nest-jetstream', '-s', '--project', 'shop');
    expect(await project.read('apps/shop/src/app.module.ts')).toContain("register({ id: 'shop' })");
  });

  it('does not register the transport in a library', async () => {
    const before = await project.fingerprint();
    await ours('add', '--project', 'shared');
    expect(await project.fingerprint()).toEqual(before);
  });

  it('gets a stream in the library that two applications consume and one publishes to', async () => {
    expect(await project.nest('g', 'jetstream-stream', 'orders', '-p', 'shared')).not.toContain('nest add');
    await ours('generate', 'consumer', 'order.created', '--project', 'billing', '--type', FIELDS);
    await project.nest('g', 'jsc', 'order.created', '-p', 'shop');
    await project.nest('g', 'jetstream-publisher', 'orders', '-p', 'shop');

    expect(await project.read('libs/shared/src/orders/orders.stream.ts')).toContain('ORDER_CREATED');
    expect(await project.read('apps/billing/src/orders/order-created.consumer.ts')).toContain("'@app/shared'");
    expect(await project.read('apps/shop/src/orders/orders.publisher.ts')).toContain("'@app/shared'");
  });

  it('gets a stream and a consumer in an application, through both command lines', async () => {
    await project.nest('g', 'jetstream-stream', 'invoices', '-p', 'billing');
    await ours('generate', 'consumer', 'invoice.paid', '--project', 'billing', '--type', FIELDS);

    expect(await project.read('apps/billing/src/billing.module.ts')).toContain('InvoicesModule');
    expect(await project.read('apps/billing/src/invoices/invoices.module.ts')).toContain('InvoicePaidConsumer');
  });

  it('is not changed by a second run', async () => {
    const before = await project.fingerprint();
    await ours('add', '--project', 'billing');
    await project.nest('add', 'nest-jetstream', '-s', '--project', 'shop');
    await project.nest('g', 'jetstream-stream', 'orders', '-p', 'shared');
    await ours('generate', 'consumer', 'order.created', '--project', 'billing');
    await project.nest('g', 'jsc', 'order.created', '-p', 'shop');
    await project.nest('g', 'jetstream-publisher', 'orders', '-p', 'shop');
    await project.nest('g', 'jsc', 'invoice.paid', '-p', 'billing');
    expect(await project.fingerprint()).toEqual(before);
  });

  it('passes compiler, linter and prettier', async () => {
    for (const app of ['billing', 'shop']) await tool('tsc', '--noEmit', '-p', `apps/${app}/tsconfig.app.json`);
    expect(await tool('oxlint', '--type-aware', '--deny-warnings', ...FOLDERS)).toMatch(/ 0 errors/);
    expect(await tool('prettier', '--check', ...FOLDERS)).toContain('All matched files');
  });

  it('passes its generated specs', async () => {
    const output = await tool('vitest', 'run');
    for (const spec of ['billing/src/invoices/invoice-paid.consumer', 'billing/src/orders/order-created.consumer'])
      expect(output).toContain(`${spec}.spec.ts`);
    expect(output).toContain('shop/src/orders/orders.publisher.spec.ts');
  });

  it('handles an event of each stream', async () => {
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

  it('operates each application, from the root and from a folder inside', async () => {
    await project.nest('build', 'shop');
    const { url } = await startTestServer();
    const billing = { project, folder: 'apps/billing/src', durable: 'billing-order-created' };
    await expectApplied(billing, url);
    // The stream of both applications exists now.
    const shop = { project, folder: 'libs/shared', options: ['--project', 'shop'] };
    expect((await operate(shop, url, 'plan')).output).not.toContain('+ stream');
    expect((await operate({ ...shop, folder: '' }, url, 'apply --yes')).output).toContain(
      'Done: 1 created, 0 updated.',
    );
    await expectOperated(
      { ...billing, folder: '', options: ['-p', 'billing'], main: 'dist/apps/billing/main.js' },
      url,
    );
  });

  it('writes the AsyncAPI document of each application, with the events of the library', async () => {
    const billing = await writeContract(project, 'apps/billing/asyncapi.yaml', '--project', 'billing');
    expect(Object.keys(billing['channels'] ?? {})).toEqual(['invoice.paid', 'order.created']);
    expect(Object.keys(billing['x-jetstream-streams'] ?? {})).toEqual(['INVOICES', 'ORDERS']);
    await compareContract(project, 'apps/billing/asyncapi.yaml', '--project', 'billing');
    const shop = await writeContract(project, 'apps/shop/asyncapi.yaml', '--project', 'shop');
    expect(shop).toMatchObject({ info: { title: 'shop' }, operations: { 'send.order.created': { action: 'send' } } });
    expect(Object.keys(shop['channels'] ?? {})).toEqual(['order.created']);
  });
});
