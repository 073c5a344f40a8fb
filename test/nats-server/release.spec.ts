import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { resolveNatsServer, type ResolvedNatsServer } from '../../nats-server';
import { cachedBinary } from '../../nats-server/find/cache';
import { platformAsset } from '../../nats-server/find/platform-asset';
import { writeScript } from './support/fake-binary';
import { serveRelease, type Fault } from './support/fake-release';
import { listen } from './support/loopback';
import { temporaryFolder } from './support/temporary-folder';
import { eventually } from '../support/eventually';

const VERSION = '2.15.1';

describe('resolveNatsServer with a release', () => {
  let folder: string;
  let cacheDir: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    cacheDir = join(folder, 'cache');
  });

  it('downloads a release once and then uses the cache', async () => {
    const { base, requests } = await serveRelease(VERSION);
    const binary = cachedBinary(cacheDir, VERSION);
    expect(await resolve(base)).toEqual({ binary, version: VERSION, source: 'release' });
    expect(await resolve(base)).toEqual({ binary, version: VERSION, source: 'cache' });
    expect(requests).toEqual([`/v${VERSION}/SHA256SUMS`, `/v${VERSION}/${platformAsset(VERSION).archive}`]);
    expect(await readdir(cacheDir)).toEqual([platformAsset(VERSION).folder]);
  });

  it('downloads the requested version', async () => {
    const { base } = await serveRelease('2.14.3');
    expect(await resolve(`${base}/`, '2.14.3')).toMatchObject({ version: '2.14.3', source: 'release' });
  });

  it('downloads from NATS_SERVER_RELEASE_BASE', async () => {
    const { base } = await serveRelease(VERSION);
    const env = { PATH: '', NATS_SERVER_RELEASE_BASE: base };
    expect(await resolveNatsServer({ env, cacheDir })).toMatchObject({ source: 'release' });
  });

  it('replaces a cached binary that does not run', async () => {
    await writeScript(cachedBinary(cacheDir, VERSION), 'exit 1');
    const { base } = await serveRelease(VERSION);
    expect(await resolve(base)).toMatchObject({ source: 'release' });
  });

  it('supports two downloads at the same time', async () => {
    const { base } = await serveRelease(VERSION);
    const both = await Promise.all([resolve(base), resolve(base)]);
    expect(both.map(({ binary }) => binary)).toEqual(Array(2).fill(cachedBinary(cacheDir, VERSION)));
  });

  it('rejects a wrong checksum and removes the download', async () => {
    const { base } = await serveRelease(VERSION, 'wrong sum');
    await expect(resolve(base)).rejects.toMatchObject({
      name: 'ReleaseChecksumError',
      code: 'NATS_SERVER_CHECKSUM_MISMATCH',
      value: `${base}/v${VERSION}/${platformAsset(VERSION).archive}`,
      expected: 'f'.repeat(64),
      actual: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it.each<[Fault, string]>([
    ['no sum', 'does not list'],
    ['no sums file', 'the server responded with 404'],
    ['no archive', 'the server responded with 404'],
    ['truncated', 'cannot be used'],
    ['not an archive', 'tar cannot unpack'],
    ['silent', 'the server did not respond in time'],
  ])(
    'reports a faulty release (%s) and removes the download',
    async (fault, reason) => {
      const { base } = await serveRelease(VERSION, fault);
      const failure: unknown = await resolve(base).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'NATS_SERVER_NOT_FOUND', value: VERSION });
      expect(failure).toHaveProperty('attempts.3', expect.stringContaining(reason));
      expect(await readdir(cacheDir).catch(() => [])).toEqual([]);
    },
    15_000,
  );

  it('rejects an unreachable release with the reason of each source and a remedy', async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((closed) => server.close(closed));
    const reports: string[] = [];
    const failure: unknown = await resolve(`http://127.0.0.1:${port}`, undefined, reports).catch(
      (error: unknown) => error,
    );
    expect(failure).toHaveProperty('attempts', [
      'NATS_SERVER is not set.',
      'PATH has no nats-server.',
      `The cache ${cacheDir} has no supported version.`,
      `The release at http://127.0.0.1:${port}/v${VERSION} cannot be used (fetch failed: ECONNREFUSED).`,
    ]);
    expect(failure).toHaveProperty(
      'message',
      expect.stringContaining('docker run --rm -p 4222:4222 nats:2.15-alpine -js'),
    );
    expect(reports).toHaveLength(2);
  });

  it('stops when the signal is aborted', async () => {
    const { base, requests } = await serveRelease(VERSION, 'silent');
    const stopping = new AbortController();
    const resolving = resolveNatsServer({ env: { PATH: '' }, cacheDir, releaseBase: base, signal: stopping.signal });
    const outcome = resolving.catch((reason: unknown) => reason);
    await eventually('the release is requested', () => requests.length > 0);
    stopping.abort('enough');
    expect(await outcome).toBe('enough');
  });

  it('removes folders of killed downloads but not of running ones', async () => {
    const [old, young] = [join(cacheDir, '.work-old'), join(cacheDir, '.work-young')];
    await Promise.all([mkdir(old, { recursive: true }), mkdir(young, { recursive: true })]);
    const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(old, twoHoursAgo, twoHoursAgo);
    await resolve((await serveRelease(VERSION)).base);
    expect((await readdir(cacheDir)).toSorted()).toEqual(['.work-young', platformAsset(VERSION).folder]);
  });

  it('rejects if the cache is not writable', async () => {
    await writeFile(cacheDir, '');
    const { base } = await serveRelease(VERSION);
    await expect(resolve(base)).rejects.toMatchObject({ code: 'NATS_SERVER_CACHE_UNUSABLE', value: cacheDir });
  });

  async function resolve(releaseBase: string, version?: string, reports: string[] = []): Promise<ResolvedNatsServer> {
    return resolveNatsServer({
      env: { PATH: '' },
      cacheDir,
      releaseBase,
      report: (message) => reports.push(message),
      ...(version === undefined ? {} : { version }),
    });
  }
});
