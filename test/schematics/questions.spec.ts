import type { Terminal } from '../../schematics/shared/prompt/terminal';
import { openTerminal } from '../../schematics/shared/prompt/terminal';
import { projectTree, run } from './support/project-tree';

jest.mock('../../schematics/shared/prompt/terminal');

/**
 * A user with answers by the words of a question. Refuses wrong defaults, and accepts the default
 * of other questions.
 */
function answering(answers: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const answerTo = (question: string, fallback: string): string => {
    asked.push(question);
    return Object.entries(answers).find(([words]) => question.includes(words))?.[1] ?? fallback;
  };
  const terminal: Terminal = {
    async ask(question, fallback, problemOf) {
      const answer = answerTo(question, fallback);
      const problem = problemOf?.(answer);
      if (problem !== undefined) throw new Error(problem);
      return answer;
    },
    async choose(question, choices, fallback) {
      const answer = answerTo(question, fallback);
      return choices.find((choice) => choice === answer) ?? fallback;
    },
  };
  jest.mocked(openTerminal).mockReturnValue(terminal);
  return asked;
}

// `nest g` passes it with every schematic.
const NEST = { sourceRoot: 'src', language: 'ts', spec: true, flat: false };

afterEach(() => jest.mocked(openTerminal).mockReset());

describe('nest g on a terminal', () => {
  it('asks for the subjects of a stream and offers the default', async () => {
    const asked = answering({});
    const { tree } = await run(await projectTree(), 'jetstream-stream', { name: 'orders', ...NEST });
    expect(tree.readText('/src/orders/orders.stream.ts')).toContain("subjects: ['order.>']");
    expect(asked).toEqual([
      'Subjects that ORDERS captures, separated by commas',
      expect.stringMatching(/^Set other options \(storage, .*replicas\)\?$/),
    ]);
    const again = answering({});
    await run(tree, 'jetstream-stream', { name: 'orders', ...NEST });
    expect(again).toEqual([]);
  });

  it('asks for every other option of a stream on request', async () => {
    const asked = answering({
      'Subjects that': 'order.>, invoice.*',
      'other options': 'yes',
      'Storage of messages': 'memory',
      'Maximum number of messages': '1000',
      'Maximum age of messages': '30d',
    });
    const { tree } = await run(await projectTree(), 'jetstream-stream', { name: 'orders', ...NEST });
    const text = tree.readText('/src/orders/orders.stream.ts');
    expect(text).toContain("subjects: ['order.>', 'invoice.*'],\n  storage: 'memory',\n  retention: 'limits',");
    expect(text).toContain("maxAge: '30d',\n  maxMessages: 1000,\n  duplicateWindow: '2m',");
    expect(asked).toHaveLength(11);
  });

  it('refuses an invalid answer', async () => {
    answering({ 'Subjects that': 'order.>.x' });
    const outcome = run(await projectTree(), 'jetstream-stream', { name: 'orders', ...NEST });
    await expect(outcome).rejects.toThrow(`Value "order.>.x" of option 'subjects' must be tokens`);
  });

  it.each([
    ['Maximum age of messages', 'soon', 'must be a number above 0 with a unit'],
    ['Time in which duplicate', '8d', 'must not be longer than maxAge (7d).'],
    ['Maximum number of messages', 'many', `Value "many" of option 'maxMessages' must be a whole number from 1.`],
    ['Number of replicas', '6', 'must be a whole number from 1 to 5.'],
  ])('refuses an invalid answer to "%s"', async (question, answer, problem) => {
    answering({ 'other options': 'yes', 'Maximum age of messages': '7d', [question]: answer });
    const outcome = run(await projectTree(), 'jetstream-stream', { name: 'orders', ...NEST });
    await expect(outcome).rejects.toThrow(problem);
  });

  it.each([
    ['jetstream-stream', 'a.b', 'looks like a subject.'],
    ['jetstream-event', 'order.*', 'has a wildcard.'],
    ['jetstream-consumer', 'order..x', 'must be words of letters'],
    ['jetstream-request', 'quote.:id', 'captures tokens.'],
    ['jetstream-publisher', 'invoices', 'Stream "invoices" is not declared in this project.'],
  ])('asks for the name of %s and refuses an invalid one', async (schematic, answer, problem) => {
    answering({});
    const { tree } = await run(await projectTree(), 'jetstream-stream', { name: 'orders', ...NEST });
    const asked = answering({ such: answer });
    await expect(run(tree, schematic, NEST)).rejects.toThrow(problem);
    expect(asked).toHaveLength(1);
  });

  it('asks for the fields of a new event, its style, and the options of its consumer', async () => {
    answering({});
    const stream = await run(await projectTree(), 'jetstream-stream', { name: 'orders', ...NEST });
    const manifest = JSON.parse(stream.tree.readText('/package.json')) as { dependencies: Record<string, string> };
    manifest.dependencies['zod'] = '^4.0.0';
    stream.tree.overwrite('/package.json', JSON.stringify(manifest));
    const asked = answering({
      'Fields of order.created': 'id: number',
      'events be written': 'schema',
      'other options': 'yes',
      'messages in flight': '4',
      'Acknowledge in the handler': 'yes',
    });
    const { tree } = await run(stream.tree, 'jetstream-consumer', { name: 'order.created', ...NEST });
    expect(asked.slice(0, 3)).toEqual([
      'Fields of order.created, in TypeScript',
      'How should events be written in this project?',
      expect.stringContaining('Set other options (durable, concurrency'),
    ]);
    expect(tree.readText('/src/orders/orders.events.ts')).toContain('z.object({\n  id: z.number(),\n})');
    expect(tree.readText('/src/orders/order-created.consumer.ts')).toContain('concurrency: 4,\n    manualAck: true,');

    const second = answering({});
    await run(tree, 'jetstream-consumer', { name: 'order.paid', ...NEST });
    expect(second).not.toContain('How should events be written in this project?');
    const third = answering({});
    await run(tree, 'jetstream-consumer', { name: 'order.created', ...NEST });
    expect(third).toEqual([]);
  });

  it('asks for one of two matching streams', async () => {
    answering({});
    const { tree } = await run(await projectTree(), 'jetstream-stream', { name: 'orders', ...NEST });
    const other =
      "import { defineStream } from '@nest-jetstream/transport';\nexport const All = defineStream({ name: 'ALL', subjects: ['>'] });\n";
    tree.create('/src/all.stream.ts', other);
    answering({ 'Which stream should order.created be consumed from?': 'ALL' });
    const { changed } = await run(tree, 'jetstream-event', { name: 'order.created', ...NEST });
    expect(changed).toContain('/src/all.events.ts');
  });
});

describe('questions without nest g', () => {
  it.each([['the command line'], ['the command line with --no-prompt']])('are fewer for %s', async (who) => {
    const asked = answering({});
    const interactive = who.includes('--no-prompt') ? { interactive: false } : {};
    await run(await projectTree(), 'jetstream-stream', { name: 'orders', ...interactive });
    expect(asked).toEqual(who.includes('--no-prompt') ? [] : ['Subjects that ORDERS captures, separated by commas']);
  });
});
