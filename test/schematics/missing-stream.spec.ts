import type { Tree } from '@angular-devkit/schematics';
import type { Terminal } from '../../schematics/shared/prompt/terminal';
import { openTerminal } from '../../schematics/shared/prompt/terminal';
import { DiskProject } from './support/disk-project';
import { monorepoTree } from './support/monorepo';
import { projectTree, run } from './support/project-tree';
import { typeErrors } from './support/type-errors';

jest.mock('../../schematics/shared/prompt/terminal');

const STREAM = '/src/payments/payments.stream.ts';
const MODULE = '/src/payments/payments.module.ts';

let project: Tree;

const consume = (options: object = {}, tree: Tree = project) =>
  run(tree, 'jetstream-consumer', { name: 'payment.captured', sourceRoot: 'src', ...options });
const create = (options: object = {}, tree: Tree = project) => consume({ createStream: true, ...options }, tree);

/** Answers the question about the stream, and accepts the default of other questions. */
function answering(answer: 'yes' | 'no'): string[] {
  const asked: string[] = [];
  const terminal: Terminal = {
    ask: (question, fallback) => Promise.resolve((asked.push(question), fallback)),
    choose: (question, choices, fallback) => {
      asked.push(question);
      const chosen = question.includes('Create stream') ? answer : fallback;
      return Promise.resolve(choices.find((choice) => choice === chosen) ?? fallback);
    },
  };
  jest.mocked(openTerminal).mockReturnValue(terminal);
  return asked;
}

beforeAll(async () => {
  const { tree } = await run(await projectTree(), 'nest-add', { sourceRoot: 'src' });
  ({ tree: project } = await run(tree, 'jetstream-stream', { name: 'orders' }));
});

afterEach(() => jest.mocked(openTerminal).mockReset());

describe('--create-stream', () => {
  it('creates the stream, its module, the event and the consumer', async () => {
    const { tree, changed, messages } = await create();
    expect(changed.toSorted()).toEqual([
      '/src/app.module.ts',
      '/src/payments/payment-captured.consumer.spec.ts',
      '/src/payments/payment-captured.consumer.ts',
      '/src/payments/payments.events.ts',
      MODULE,
      STREAM,
    ]);
    expect(messages).toBe('');
    expect(tree.readText(STREAM)).toContain(
      "name: 'PAYMENTS',\n  subjects: ['payment.>'],\n  events: { PAYMENT_CAPTURED },",
    );
    expect(tree.readText(MODULE)).toContain('NatsJetStreamTransport.forFeature({ streams: [PaymentsStream] })');
    expect(tree.readText(MODULE)).toContain('controllers: [PaymentCapturedConsumer]');
    expect(tree.readText('/src/app.module.ts')).toMatch(/imports: \[[^\]]*OrdersModule,\s*PaymentsModule,?\s*\]/);
  });

  it('writes the stream that generate stream writes', async () => {
    const { tree } = await run(project, 'jetstream-stream', { name: 'payments' });
    const { tree: after } = await consume({}, tree);
    const created = await create();
    for (const path of after.files) expect(created.tree.readText(path)).toBe(after.readText(path));
    expect(created.tree.files.toSorted()).toEqual(after.files.toSorted());
  });

  it('makes no changes when it runs again', async () => {
    const { tree } = await create();
    expect(await create({}, tree)).toMatchObject({ changed: [], messages: '' });
    expect(await consume({}, tree)).toMatchObject({ changed: [], messages: '' });
  });

  it('makes no stream for a subject that one captures', async () => {
    const { changed } = await create({ name: 'order.created' });
    expect(changed).not.toContainEqual(expect.stringMatching(/app\.module\.ts|orders\.module\.ts\.stream/));
    expect(changed.filter((path) => path.endsWith('.stream.ts'))).toEqual(['/src/orders/orders.stream.ts']);
  });

  it.each([
    ['payment.captured.v2', {}, 'PAYMENTS', 'payment.>'],
    ['heartbeat', {}, 'HEARTBEATS', 'heartbeat'],
    ['Parcel.sent', {}, 'PARCELS', 'Parcel.>'],
    ['news.published', {}, 'NEWS', 'news.>'],
    ['parcel.:region.sent', {}, 'PARCELS', 'parcel.>'],
    [':region.parcel.sent', {}, 'PARCELS', '*.parcel.>'],
    [':region.parcel', {}, 'PARCELS', '*.parcel'],
    ['payment.captured', { stream: 'billing' }, 'BILLING', 'payment.>'],
  ])('captures %s %j with stream %s and subject %s', async (name, options, stream, subject) => {
    const { tree, changed } = await create({ name, ...options }, await projectTree());
    const path = changed.find((each) => each.endsWith('.stream.ts')) ?? '';
    expect(tree.readText(path)).toContain(`name: '${stream}',\n  subjects: ['${subject}'],`);
    expect((await create({ name, ...options }, tree)).changed).toEqual([]);
  });

  it('registers both in the module of --module, or in none with --skip-import', async () => {
    const core = "import { Module } from '@nestjs/common';\n\n@Module({})\nexport class CoreModule {}\n";
    const tree = (await run(project, 'jetstream-stream', { name: 'orders' })).tree;
    tree.create('/src/core/core.module.ts', core);
    const chosen = await create({ module: 'src/core/core.module.ts' }, tree);
    expect(chosen.tree.readText('/src/core/core.module.ts')).toContain(
      '@Module({ imports: [PaymentsModule], controllers: [PaymentCapturedConsumer] })',
    );
    expect(chosen.changed).not.toContain('/src/app.module.ts');
    const skipped = await create({ skipImport: true });
    expect(skipped.changed).not.toContain('/src/app.module.ts');
    expect(skipped.tree.readText(MODULE)).not.toContain('PaymentCapturedConsumer');
  });

  it('creates the stream of an event', async () => {
    const { tree } = await run(project, 'jetstream-event', { name: 'payment.captured', createStream: true });
    expect(tree.readText(STREAM)).toContain('events: { PAYMENT_CAPTURED }');
    expect(tree.readText('/src/app.module.ts')).toContain('PaymentsModule');
  });

  it('creates the stream in the project of a monorepo', async () => {
    const options = { name: 'payment.captured', project: 'billing', createStream: true };
    const { tree, changed } = await run(monorepoTree(), 'jetstream-consumer', options);
    expect(changed.every((path) => path.startsWith('/apps/billing/src/'))).toBe(true);
    expect(tree.readText('/apps/billing/src/billing.module.ts')).toContain('imports: [PaymentsModule]');
  });

  it('compiles with a second consumer', async () => {
    const { tree } = await create();
    const second = await create({ consumerName: 'audit' }, tree);
    const disk = await DiskProject.of(second.tree);
    try {
      const files = Object.keys(await disk.files()).filter((path) => path.startsWith('/src/payments/'));
      expect(files).toHaveLength(7);
      const errors = [...typeErrors(files.map((path) => `${disk.root}${path}`))].filter(
        ([, found]) => found.length > 0,
      );
      expect(errors).toEqual([]);
    } finally {
      await disk.remove();
    }
  });

  it('is a flag of the command line', async () => {
    const disk = await DiskProject.of(project);
    try {
      const { printed } = await disk.command('generate', 'consumer', 'payment.captured', '--create-stream');
      expect(printed).toContainEqual(expect.stringContaining(`CREATE ${STREAM.slice(1)}`));
    } finally {
      await disk.remove();
    }
  });
});

describe('a missing stream is offered', () => {
  it('in one question', async () => {
    const asked = answering('yes');
    const { tree } = await consume();
    expect(asked[0]).toBe('No stream captures payment.captured. Create stream PAYMENTS with payment.>?');
    expect(asked.filter((question) => /stream/i.test(question))).toHaveLength(1);
    expect(tree.exists(STREAM)).toBe(true);
    const again = answering('no');
    expect((await consume({}, tree)).changed).toEqual([]);
    expect(again).toEqual([]);
  });

  it('and refused with the answer no', async () => {
    answering('no');
    await expect(consume()).rejects.toMatchObject({ code: 'STREAM_NOT_FOUND' });
  });

  it('without a question with --create-stream', async () => {
    const asked = answering('no');
    expect((await create()).changed).toContain(STREAM);
    expect(asked.filter((question) => /stream/i.test(question))).toEqual([]);
  });
});

describe('a missing stream is refused', () => {
  it('without --create-stream and a terminal', async () => {
    await expect(consume()).rejects.toMatchObject({
      code: 'STREAM_NOT_FOUND',
      message:
        "No stream captures subject 'payment.captured' (known streams are ORDERS with order.>). " +
        'Create one with npx nest-jetstream generate stream payments, or pass --create-stream.',
    });
    await expect(consume({}, await projectTree())).rejects.toThrow(
      'The project declares no stream. Create one with npx nest-jetstream generate stream payments, or pass --create-stream.',
    );
  });

  it('for a pattern, because a new stream has no events', async () => {
    answering('yes');
    await expect(consume({ name: 'payment.*' })).rejects.toThrow(/generate stream payments\.$/);
    await expect(create({ name: 'payment.*' })).rejects.toThrow(
      "Value true of option 'createStream' cannot be combined with the pattern payment.*. " +
        'Generate one event of the stream first, with npx nest-jetstream generate event --create-stream.',
    );
  });

  it('if a stream has its name and other subjects', async () => {
    const { tree } = await run(project, 'jetstream-stream', { name: 'payments', subjects: 'payment.failed' });
    answering('yes');
    const message =
      "Stream PAYMENTS does not capture subject 'payment.captured', only payment.failed. " +
      "Add it to the stream's subjects in src/payments/payments.stream.ts.";
    for (const options of [{}, { createStream: true }, { createStream: true, stream: 'PAYMENTS' }])
      await expect(consume(options, tree)).rejects.toMatchObject({ code: 'STREAM_NOT_FOUND', message });
  });

  it('if another stream captures a part of its subjects', async () => {
    const { tree } = await run(project, 'jetstream-stream', { name: 'failures', subjects: 'payment.failed' });
    await expect(create({}, tree)).rejects.toMatchObject({ code: 'SUBJECT_OVERLAP' });
    const asked = answering('yes');
    await expect(consume({}, tree)).rejects.toMatchObject({ code: 'SUBJECT_OVERLAP' });
    expect(asked).toEqual([]);
  });

  it('for a name that is not a stream name', async () => {
    await expect(create({ stream: 'a.b' })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});
