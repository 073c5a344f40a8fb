import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandResult } from '../../support/command';
import { testBinary } from '../../support/nats-server';
import type { NestProject, ProjectKind } from '../../support/nest-project';
import { networkNamespace } from '../../support/network-namespace';
import { isListening } from '../../support/ports';

const EXAMPLE = join(__dirname, '..', 'fixtures', 'reference');
const PLAYER = join(__dirname, 'play-reference.mjs');
const PORTS = [3000, 4222];
const TYPE_ERROR = /^src\/(?<file>[\w.-]+\.ts)\(\d+,\d+\): error (?<code>TS\d+)/gm;

/**
 * The example of the plugin that this transport continues, as its README prints it: only the import
 * path is another.
 */
export function referenceExample(kind: ProjectKind, shop: () => NestProject): void {
  let project: NestProject;

  beforeAll(async () => {
    project = await shop().sibling('reference');
    for (const file of await readdir(EXAMPLE)) {
      const text = await readFile(join(EXAMPLE, file), 'utf8');
      const ours = text.replaceAll('@nestjs-plugins/nats-jetstream-transport', '@nest-jetstream/transport');
      await project.write(join('src', file), ours);
    }
  });

  if (kind === 'Nest 12 CommonJS') {
    // If this fails, Nest has fixed its @EventPattern, and the example must compile without
    // changes.
    it('does not compile in a strict project, like any typed context of Nest', async () => {
      await project.write('src/control.ts', NEST_ALONE);
      const { output } = await commandResult(project.path, 'npx', '--no', '--', 'tsc', '-p', 'tsconfig.build.json');
      await project.delete('src/control.ts');

      expect([...output.matchAll(TYPE_ERROR)].map(({ groups }) => `${groups?.['file']} ${groups?.['code']}`)).toEqual([
        ...Array.from({ length: 3 }, () => 'app.controller.ts TS1241'),
        'control.ts TS1241',
      ]);
    });
  }

  it(`compiles${kind === 'Nest 12 CommonJS' ? ' with strictFunctionTypes: false' : ''}`, async () => {
    if (kind === 'Nest 12 CommonJS') {
      const { compilerOptions, ...others } = JSON.parse(await project.read('tsconfig.json'));
      const relaxed = { ...others, compilerOptions: { ...compilerOptions, strictFunctionTypes: false } };
      await project.write('tsconfig.json', JSON.stringify(relaxed));
    }
    await expect(project.run('npm', 'run', 'build')).resolves.toEqual(expect.any(String));
  });

  it.each(['server', 'app'])('handles and acknowledges each event once when the %s starts first', async (first) => {
    const namespace = (await networkNamespace()) ?? (await onPlainPorts());
    const store = join(project.path, `store-${first}`);
    const [command, ...args] = [...namespace, process.execPath, PLAYER] as const;

    const { end, output } = await commandResult(
      project.path,
      command,
      ...args,
      project.path,
      await testBinary(),
      store,
      first,
    );

    if (end !== 0) throw new Error(output);
    const { answers, received, consumers } = JSON.parse(output.trim().split('\n').at(-1) ?? '');
    expect(answers).toEqual(['Welcome to webshop', 'order created.', 'order updated', 'order deleted']);
    expect(received.toSorted()).toEqual([
      "received: order.created { id: 1, product: 'Socks', quantity: 1 }",
      'received: order.deleted { id: 1 }',
      'received: order.updated { id: 1, quantity: 10 }',
    ]);
    expect(consumers.map(({ subject }: { subject: string }) => subject).toSorted()).toEqual([
      'order.created',
      'order.deleted',
      'order.updated',
    ]);
    const once = { prefixed: true, group: 'test-service', delivered: 1, acknowledged: 1 };
    for (const consumer of consumers) expect(consumer).toMatchObject(once);
  });
}

const NEST_ALONE = `
import { Ctx, EventPattern, NatsContext, Payload } from '@nestjs/microservices';
export class Control {
  @EventPattern('order.created')
  handle(@Payload() data: string, @Ctx() context: NatsContext) { console.log(data, context.getSubject()); }
}
`;

async function onPlainPorts(): Promise<string[]> {
  for (const port of PORTS) {
    if (!(await isListening(port))) continue;
    throw new Error(
      `The example fixes port ${port}, which something of this machine uses, and no network namespace can be made. ` +
        `Stop it, or run the test on Linux as root.`,
    );
  }
  console.warn(`No network namespace can be made: the example runs on ports ${PORTS.join(' and ')} of this machine.`);
  return [];
}
