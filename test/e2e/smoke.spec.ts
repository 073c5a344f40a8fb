import { addGuideTest } from '../support/guide-test';
import { NestProject } from '../support/nest-project';
import { writeContract } from './stories/contract';
import { expectHandled } from './stories/handled-event';
import { migratedPlugin } from './stories/migrated-plugin';
import { processesApart } from './stories/processes-apart';
import { pureMicroservice } from './stories/pure-microservice';
import { referenceExample } from './stories/reference-example';
import { transportSuite } from './stories/transport-suite';

// Other packages of the stories. Nest 11's own NATS transport uses `nats`.
const OTHERS = { 'Nest 12 CommonJS': ['@nestjs/terminus@^12'], 'Nest 11': ['@nestjs/terminus@^11', 'nats@^2'] };

const FIELDS = 'id: number; product: string; quantity: number';

jest.setTimeout(20 * 60_000);

describe.each<keyof typeof OTHERS>(['Nest 12 CommonJS', 'Nest 11'])('a %s project', (kind) => {
  let project: NestProject;

  beforeAll(async () => {
    project = await NestProject.create(kind, ...OTHERS[kind]);
  });
  afterAll(async () => project?.remove());

  it('gets the transport and a typed consumer', async () => {
    await project.nest('add', 'nest-jetstream', '-s');
    await project.run('npm', 'install');
    await project.nest('g', 'jetstream-stream', 'orders');
    await project.nest('g', 'jetstream-consumer', 'order.created', '--type', FIELDS);

    expect(await project.read('src/orders/orders.module.ts')).toContain('OrderCreatedConsumer');
  });

  it.each(['npm run build', 'npm test'])('passes %s', async (line) => {
    const [command = '', ...args] = line.split(' ');

    await expect(project.run(command, ...args)).resolves.toEqual(expect.any(String));
  });

  it('passes the test of the guide', async () => {
    await addGuideTest(project);

    await expect(project.run('npm', 'test')).resolves.toContain('orders.flow.spec.ts');
  });

  it('handles an event and shuts down cleanly', async () => {
    await expectHandled(project);
  });

  it('writes its AsyncAPI document', async () => {
    expect(Object.keys((await writeContract(project))['channels'] ?? {})).toEqual(['order.created']);
  });

  describe('with the example of the reference', () => {
    referenceExample(kind, () => project);
  });
  describe('with a publisher and a consumer apart', () => {
    processesApart(() => project);
  });
  if (kind === 'Nest 11')
    describe('under the transport', () => {
      transportSuite(() => project);
    });
  if (kind === 'Nest 11')
    describe('with the example of the plugin', () => {
      migratedPlugin(() => project);
    });

  describe('beside a service without HTTP', () => {
    pureMicroservice(() => project);
  });
});
