import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { addSchematicCommands } from '../../cli/generate-command';
import { projectTree, run } from './support/project-tree';

describe('nest-jetstream generate', () => {
  let root: string;
  let pristine: string;
  const lines: string[] = [];
  const generate = (...words: string[]) => {
    lines.length = 0;
    const program = new Command();
    const print = (line: string): void => void lines.push(line);
    addSchematicCommands(program, { root, print, warn: print });
    return program.parseAsync(['generate', ...words], { from: 'user' });
  };
  const read = (path: string) => readFile(join(root, path), 'utf8');

  beforeAll(async () => {
    pristine = await mkdtemp(join(tmpdir(), 'generate-'));
    const { tree } = await run(await projectTree(), 'nest-add', { sourceRoot: 'src' });
    for (const path of tree.files) {
      await mkdir(dirname(join(pristine, path)), { recursive: true });
      await writeFile(join(pristine, path), tree.readText(path));
    }
  });
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'generate-'));
    await cp(pristine, root, { recursive: true });
  });
  afterEach(() => rm(root, { recursive: true }));
  afterAll(() => rm(pristine, { recursive: true }));

  it('writes files and lists them', async () => {
    await generate('stream', 'orders', '--max-age', '1d');
    expect(lines).toEqual([
      expect.stringMatching(/^Stream ORDERS captures order\.>\. /),
      expect.stringMatching(/^CREATE src\/orders\/orders\.stream\.ts \(\d+ bytes\)$/),
      expect.stringMatching(/^CREATE src\/orders\/orders\.module\.ts/),
      expect.stringMatching(/^UPDATE src\/app\.module\.ts/),
    ]);
    expect(await read('src/orders/orders.stream.ts')).toContain("maxAge: '1d'");
    await generate('stream', 'orders');
    expect(lines).toEqual(['Nothing to be done.']);
  });

  it('writes no file in a dry run', async () => {
    await generate('stream', 'orders', '--dry-run');
    expect(lines.at(-1)).toBe('Dry run. No file was written.');
    expect(existsSync(join(root, 'src/orders'))).toBe(false);
  });

  it('fails with a remedy and writes no file', async () => {
    const outcome = generate('consumer', 'order.created');
    await expect(outcome).rejects.toThrow(
      'The project declares no stream. Create one with npx nest-jetstream generate stream orders, or pass --create-stream.',
    );
    expect(lines).toEqual([]);
    expect(existsSync(join(root, 'src/orders'))).toBe(false);
  });

  it('passes every option of a stream', async () => {
    const options =
      '--storage memory --retention interest --discard old --duplicate-window 30s --path shop --flat --skip-import';
    await generate('stream', 'orders', '--subjects', 'order.>', 'invoice.*', ...options.split(' '));
    const text = await read('src/shop/orders.stream.ts');
    expect(text).toContain(
      "subjects: ['order.>', 'invoice.*'],\n  storage: 'memory',\n  retention: 'interest',\n  discard: 'old',",
    );
    expect(text).toContain("duplicateWindow: '30s'");
    expect(await read('src/app.module.ts')).not.toContain('OrdersModule');
  });

  it('passes every option of a consumer', async () => {
    await generate('stream', 'orders');
    const options =
      '--stream ORDERS --event-name OrderPlaced --no-spec --durable mine --concurrency 2 --ack-wait 45s --retry-delay 1s 10s';
    await generate('consumer', 'order.Created', '--type', 'id: number', ...options.split(' '));
    expect(await read('src/orders/orders.events.ts')).toContain("subject<OrderPlacedEvent>()('order.Created')");
    const text = await read('src/orders/order-placed.consumer.ts');
    expect(text).toContain(
      "durable: 'mine',\n    concurrency: 2,\n    ackWait: '45s',\n    retryDelay: ['1s', '10s'],",
    );
    expect(existsSync(join(root, 'src/orders/order-placed.consumer.spec.ts'))).toBe(false);
  });

  it('stores the first --style and uses it for later events', async () => {
    await generate('stream', 'orders');
    await generate('event', 'order.created', '--style', 'class');
    expect(await read('nest-cli.json')).toContain('"events": "class"');
    await generate('event', 'order.paid');
    await generate('event', 'order.sent', '--style', 'interface');
    await generate('event', 'order.returned');
    const events = await read('src/orders/orders.events.ts');
    expect(events.match(/^export (class|interface) \w+/gm)).toEqual([
      'export class OrderCreatedEvent',
      'export class OrderPaidEvent',
      'export interface OrderSentEvent',
      'export class OrderReturnedEvent',
    ]);
    expect(await read('nest-cli.json')).toContain('"events": "class"');
  });

  it('stores the first --style also for a known event', async () => {
    await generate('stream', 'orders');
    await generate('event', 'order.created');
    await generate('consumer', 'order.created', '--style', 'class');
    expect(await read('nest-cli.json')).toContain('"events": "class"');
  });

  it('makes no changes when it runs again', async () => {
    await generate('stream', 'orders');
    await generate('consumer', 'order.created');
    await generate('consumer', 'order.created');
    expect(lines).toEqual(['Nothing to be done.']);
  });

  it('rejects without a package.json', async () => {
    await rm(join(root, 'package.json'));
    await expect(generate('stream', 'orders')).rejects.toThrow('This folder has no package.json');
  });
});
