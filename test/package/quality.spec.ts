import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandResult } from '../support/command';
import { packPackages } from '../support/packed-packages';

const ROOT = join(__dirname, '..', '..');
const NAMES = ['nest-jetstream', '@nest-jetstream/transport'];
const MANIFESTS = [join(ROOT, 'package.json'), join(ROOT, 'runtime', 'package.json')];

describe('the packed tarballs', () => {
  let folder: string;
  let tarballs: string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nest-jetstream-quality-'));
    tarballs = await packPackages(folder);
  });
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  const expectNoComplaint = async (index: number, ...command: string[]): Promise<void> => {
    const [name = '', ...args] = command;
    const { end, output } = await commandResult(ROOT, 'npx', '--no', name, tarballs[index] ?? '', ...args);

    expect({ end, output }).toMatchObject({ end: 0 });
  };

  it.each(NAMES)('publint has nothing to say of %s', async (name) =>
    expectNoComplaint(NAMES.indexOf(name), 'publint', '--strict'),
  );

  it.each(NAMES)('the types of %s are right, however they are imported', async (name) =>
    expectNoComplaint(NAMES.indexOf(name), 'attw', '--format', 'ascii'),
  );
});

it('no package runs a script when it is installed', () => {
  const atInstall = new Set(['preinstall', 'install', 'postinstall', 'prepare']);
  for (const file of MANIFESTS) {
    const { scripts = {} }: { scripts?: Record<string, string> } = JSON.parse(readFileSync(file, 'utf8'));
    expect(Object.keys(scripts).filter((script) => atInstall.has(script))).toEqual([]);
  }
});

describe('the workflows', () => {
  const folder = join(ROOT, '.github', 'workflows');
  const files = readdirSync(folder);

  it.each(files)(
    '%s gives no permission but those that a job asks for, and says of which version each action is',
    (file) => {
      const workflow = readFileSync(join(folder, file), 'utf8');
      const actions = [...workflow.matchAll(/uses: (?<action>\S+)(?<comment>.*)/g)];

      expect(workflow).toMatch(/^permissions: \{\}$/m);
      expect(actions.length).toBeGreaterThan(0);
      for (const { groups } of actions)
        expect(`${groups?.['action']}${groups?.['comment']}`).toMatch(/@([0-9a-f]{40} # v\d+\.\d+\.\d+|v\d+ # .+)$/);
    },
  );
});
