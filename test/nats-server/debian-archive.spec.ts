import { readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveNatsServer, type ResolvedNatsServer } from '../../nats-server';
import { serveRelease } from './support/fake-release';
import { temporaryFolder } from './support/temporary-folder';

interface DebianArchive {
  readonly fromDebianArchive: (options: {
    cacheDir: string;
    osReleaseFile?: string;
  }) => Promise<{ binary: string; source: string }>;
}

const SCRIPT = join(__dirname, '../../scripts/nats-server/debian-archive.mjs');
const APT_TIMEOUT_MS = 180_000;
const onDebian = /^ID=debian$/m.test(osRelease()) ? describe : describe.skip;

onDebian('fromDebianArchive on Debian', () => {
  it(
    'downloads a server into the cache without changing the state of apt',
    async () => {
      const cacheDir = join(await temporaryFolder(), 'cache');
      const before = await aptState();
      const { fromDebianArchive } = (await import(SCRIPT)) as DebianArchive;
      const downloaded = await fromDebianArchive({ cacheDir });
      expect(downloaded).toMatchObject({ source: 'Debian archive' });
      expect((await readFile(downloaded.binary)).subarray(1, 4).toString()).toBe('ELF');
      expect(await resolve(cacheDir)).toMatchObject({ ...downloaded, source: 'cache' });
      expect(await readdir(cacheDir)).toHaveLength(1);
      expect(await aptState()).toEqual(before);
    },
    APT_TIMEOUT_MS,
  );
});

describe('fromDebianArchive', () => {
  it('rejects on another distribution', async () => {
    const folder = await temporaryFolder();
    const osReleaseFile = join(folder, 'os-release');
    await writeFile(osReleaseFile, 'PRETTY_NAME="Other"\nID="other"\nID_LIKE=debian\n');
    const { fromDebianArchive } = (await import(SCRIPT)) as DebianArchive;
    await expect(fromDebianArchive({ cacheDir: join(folder, 'cache'), osReleaseFile })).rejects.toThrow(
      'The Debian archive is used on Debian only.',
    );
  });
});

async function resolve(cacheDir: string): Promise<ResolvedNatsServer> {
  const { base } = await serveRelease('2.15.1', 'no archive');
  return resolveNatsServer({ env: { PATH: '' }, cacheDir, releaseBase: base });
}

async function aptState(): Promise<string[]> {
  const folders = ['/var/lib/apt/lists', '/var/cache/apt', '/var/cache/apt/archives'];
  const names = await Promise.all(folders.map(async (folder) => readdir(folder).catch(() => [])));
  return names.flat().toSorted();
}

function osRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
