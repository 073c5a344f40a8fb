import { readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveNatsServer, type ResolvedNatsServer } from '../../nats-server';
import { readOsRelease } from '../../nats-server/os-release';
import { serveRelease } from './support/fake-release';
import { temporaryFolder } from './support/temporary-folder';

const APT_TIMEOUT_MS = 180_000;
const onDebian = /^ID=debian$/m.test(osRelease()) ? describe : describe.skip;

onDebian('the Debian archive', () => {
  it(
    'gives a server when the release is out of reach, and leaves the state of apt alone',
    async () => {
      const cacheDir = join(await temporaryFolder(), 'cache');
      const before = await aptState();
      const { base } = await serveRelease('2.15.1', 'no archive');
      const resolved = await resolve(cacheDir, base);
      expect(resolved).toMatchObject({ source: 'Debian archive' });
      expect((await readFile(resolved.binary)).subarray(1, 4).toString()).toBe('ELF');
      expect(await resolve(cacheDir, base)).toEqual({ ...resolved, source: 'cache' });
      expect(await readdir(cacheDir)).toHaveLength(1);
      expect(await aptState()).toEqual(before);
    },
    APT_TIMEOUT_MS,
  );

  it(
    'is refused when it has not the version that was asked for',
    async () => {
      const cacheDir = join(await temporaryFolder(), 'cache');
      const { base } = await serveRelease('2.14.99', 'no archive');
      await expect(resolve(cacheDir, base, '2.14.99')).rejects.toHaveProperty(
        'attempts.4',
        expect.stringMatching(/^The Debian archive cannot be used: it has \S+, not 2\.14\.99\.$/),
      );
      expect(await readdir(cacheDir)).toEqual([]);
    },
    APT_TIMEOUT_MS,
  );
});

describe('another system', () => {
  it('does not try the Debian archive', async () => {
    const folder = await temporaryFolder();
    const osReleaseFile = join(folder, 'os-release');
    await writeFile(osReleaseFile, 'PRETTY_NAME="Other"\nID="other"\nID_LIKE=debian\n');
    expect((await readOsRelease(osReleaseFile)).get('ID')).toBe('other');
    const { base } = await serveRelease('2.15.1', 'no archive');
    const options = { env: { PATH: '' }, cacheDir: join(folder, 'cache'), releaseBase: base, osReleaseFile };
    await expect(resolveNatsServer(options)).rejects.toHaveProperty(
      'attempts.4',
      'The Debian archive is only tried on Debian.',
    );
  });
});

async function resolve(cacheDir: string, releaseBase: string, version?: string): Promise<ResolvedNatsServer> {
  // PATH stays out of this, as it may have a nats-server of its own; execFile still finds apt-get
  // by the process's.
  const env = { PATH: '' };
  return resolveNatsServer({ env, cacheDir, releaseBase, ...(version === undefined ? {} : { version }) });
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
