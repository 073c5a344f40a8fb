import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runSchematic } from '../../cli/run-schematic';
import { projectTree } from './support/project-tree';

describe('generate, on a disk', () => {
  let root: string;
  let pristine: string;
  const lines: string[] = [];
  const generate = (schematic: string, options: object, dryRun = false) => {
    lines.length = 0;
    return runSchematic({ root, schematic, options: { ...options }, dryRun, print: (line) => void lines.push(line) });
  };

  beforeAll(async () => {
    pristine = await mkdtemp(join(tmpdir(), 'generate-'));
    const tree = await projectTree();
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

  it('writes, and says what', async () => {
    await generate('jetstream-stream', { name: 'orders', maxAge: '1d' });
    expect(lines).toEqual([
      expect.stringMatching(/^CREATE src\/orders\/orders\.stream\.ts \(\d+ bytes\)$/),
      expect.stringMatching(/^CREATE src\/orders\/orders\.module\.ts/),
      expect.stringMatching(/^UPDATE src\/app\.module\.ts/),
    ]);
    expect(await readFile(join(root, 'src/orders/orders.stream.ts'), 'utf8')).toContain("maxAge: '1d'");
    await generate('jetstream-stream', { name: 'orders' });
    expect(lines).toEqual(['Nothing to be done.']);
  });

  it('writes nothing in a dry run', async () => {
    await generate('jetstream-stream', { name: 'orders' }, true);
    expect(lines.at(-1)).toBe('Dry run: nothing was written.');
    expect(existsSync(join(root, 'src/orders'))).toBe(false);
  });

  it('fails with the one sentence that helps, and writes nothing', async () => {
    const outcome = generate('jetstream-consumer', { name: 'order.created' });
    await expect(outcome).rejects.toThrow(
      'The project declares no stream yet: make one with nest g jetstream-stream orders.',
    );
    expect(lines).toEqual([]);
    expect(existsSync(join(root, 'src/orders'))).toBe(false);
  });
});
