import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NestProject } from '../support/nest-project';
import { expectHandled } from './stories/handled-event';

const FIELDS = 'id: number; product: string';
const BIOME = { javascript: { parser: { unsafeParameterDecoratorsEnabled: true } } };

jest.setTimeout(20 * 60_000);

describe('a pnpm project with strict dependencies and Biome', () => {
  let project: NestProject;

  beforeAll(async () => {
    project = await NestProject.createWithPnpm('@biomejs/biome@^2');
    await project.delete('.prettierrc');
    await project.write('biome.json', JSON.stringify(BIOME));
    await project.pnpm('exec', 'biome', 'format', '--write', 'src');
  });
  afterAll(async () => project?.remove());

  it('gets the transport from nest add, which installs with pnpm', async () => {
    const installed = async () => readdir(join(project.path, 'node_modules', '@nestjs'));
    expect(await installed()).not.toContain('microservices');
    await project.pnpm('exec', 'nest', 'add', 'nest-jetstream', '-s');

    expect(await installed()).toContain('microservices');
    expect(await readFile(join(project.path, 'pnpm-lock.yaml'), 'utf8')).toContain("'@nestjs/microservices':");
    expect(await readdir(project.path)).not.toContain('package-lock.json');
  });

  it('gets a stream and a consumer through both command lines', async () => {
    await project.pnpm('exec', 'nest', 'g', 'jetstream-stream', 'orders');
    await project.pnpm('exec', 'nest-jetstream', 'generate', 'consumer', 'order.created', '--type', FIELDS);

    expect(await project.read('src/orders/orders.module.ts')).toContain('OrderCreatedConsumer');
  });

  it('is not changed by a second run', async () => {
    const before = await project.fingerprint();
    await project.pnpm('exec', 'nest', 'add', 'nest-jetstream', '-s');
    await project.pnpm('exec', 'nest', 'g', 'jetstream-stream', 'orders');
    await project.pnpm('exec', 'nest', 'g', 'jsc', 'order.created');
    expect(await project.fingerprint()).toEqual(before);
  });

  it('builds, passes the linter and is formatted with Biome', async () => {
    await project.pnpm('run', 'build');
    await project.pnpm('run', 'lint', '--deny-warnings');
    expect(await project.read('src/orders/orders.stream.ts')).toContain('\n\tname: "ORDERS",');
    await expect(project.pnpm('exec', 'biome', 'format', 'src')).resolves.toContain('No fixes applied');
  });

  it('passes its generated specs', async () => {
    expect(await project.pnpm('test')).toContain('order-created.consumer.spec.ts');
  });

  it('handles an event', async () => {
    await expectHandled(project);
  });
});
