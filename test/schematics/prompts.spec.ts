import { onTerminal } from '../support/on-terminal';
import { DiskProject } from './support/disk-project';
import { projectTree, run } from './support/project-tree';

describe('questions', () => {
  let project: DiskProject;
  beforeEach(async () => {
    project = await DiskProject.of((await run(await projectTree(), 'nest-add', { sourceRoot: 'src' })).tree);
  });
  afterEach(() => project.remove());

  it('are asked on a terminal for missing options', async () => {
    const { code } = await onTerminal(
      'generate stream --subjects "order.>"',
      [['What is the name of the stream', 'orders\r']],
      project.root,
    );
    expect(code).toBe(0);
    expect(await project.read('src/orders/orders.stream.ts')).toContain("name: 'ORDERS'");
  });

  it('name the problem of an answer and ask again', async () => {
    const stream = await onTerminal(
      'generate stream',
      [
        ['What is the name of the stream', 'order.created\r'],
        ['looks like a subject.', `${'\b'.repeat(13)}orders\r`],
        ['Subjects that ORDERS captures', '.>.x\r'],
        ['must be tokens of letters', `${'\b'.repeat(4)}\r`],
      ],
      project.root,
    );
    expect(stream.code).toBe(0);
    const consumer = await onTerminal(
      'generate consumer',
      [
        ['Which subject should be consumed', 'order..x\r'],
        ['must be words of letters', '\b\bcreated\r'],
        ['Fields of order.created', 'id number\r'],
        ['of option', `${'\b'.repeat(9)}id: number\r`],
      ],
      project.root,
    );
    expect(consumer.code).toBe(0);
    expect(await project.read('src/orders/orders.events.ts')).toContain('id: number;');
  });

  it('explain the styles of events, and keep the answer', async () => {
    const manifest = JSON.parse(await project.read('package.json')) as { dependencies: Record<string, string> };
    Object.assign(manifest.dependencies, {
      zod: '^4.0.0',
      'class-validator': '^0.14.0',
      'class-transformer': '^0.5.0',
    });
    await project.write('package.json', JSON.stringify(manifest));
    await project.command('generate', 'stream', 'orders', '--no-prompt');
    const { code, output } = await onTerminal(
      'generate event order.created --type "id: number"',
      [['How should events be written', '\u001b[B\r']],
      project.root,
    );
    expect(code).toBe(0);
    expect(output).toContain('interface: a type only, checked by the compiler');
    expect(output).toContain('class: class-validator decorators, checked by a pipe of the handler');
    expect(output).toContain('schema: a zod or valibot schema, checked before the handler');
    expect(await project.read('nest-cli.json')).toContain('"events": "class"');
    await project.command('generate', 'event', 'order.paid', '--type', 'id: number');
    expect(await project.read('src/orders/orders.events.ts')).toContain('export class OrderPaidEvent');
  });

  it('end with Ctrl-C without changes', async () => {
    const before = await project.files();
    const { code } = await onTerminal('generate stream', [['What is the name of the stream', '\u0003']], project.root);
    expect(code).toBe(130);
    expect(await project.files()).toEqual(before);
  });

  it('are not asked with --no-prompt', async () => {
    const { code, output } = await onTerminal('generate stream --no-prompt', [], project.root);
    expect(code).toBe(1);
    expect(output).toContain(`Value "" of option 'name' is empty`);
  });
});
