import { join } from 'node:path';
import { resolveNatsServer, type ResolvedNatsServer } from '../../nats-server';
import { cachedBinary } from '../../nats-server/find/cache';
import { writeFakeBinary, writeScript } from './support/fake-binary';
import { temporaryFolder } from './support/temporary-folder';

describe('resolveNatsServer with local binaries', () => {
  let folder: string;
  let cacheDir: string;
  let path: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    cacheDir = join(folder, 'cache');
    path = join(folder, 'bin');
  });

  it('prefers NATS_SERVER to all other sources', async () => {
    const binary = await writeFakeBinary(join(folder, 'mine'), '2.14.0');
    await writeFakeBinary(join(path, 'nats-server'), '2.15.1');
    expect(await resolve({ NATS_SERVER: binary })).toEqual({ binary, version: '2.14.0', source: 'NATS_SERVER' });
  });

  it('prefers PATH to the cache', async () => {
    const binary = await writeFakeBinary(join(path, 'nats-server'), '2.14.2');
    await writeFakeBinary(cachedBinary(cacheDir, '2.15.1'), '2.15.1');
    expect(await resolve()).toEqual({ binary, version: '2.14.2', source: 'PATH' });
  });

  it('falls back to the cache', async () => {
    const binary = await writeFakeBinary(cachedBinary(cacheDir, '2.15.1'), '2.15.1');
    await writeFakeBinary(cachedBinary(cacheDir, '2.16.0'), '2.16.0');
    expect(await resolve()).toEqual({ binary, version: '2.15.1', source: 'cache' });
  });

  it('uses the newest supported version in the cache without the default version', async () => {
    for (const version of ['2.9.0', '2.14.1', '2.14.10'])
      await writeFakeBinary(cachedBinary(cacheDir, version), version);
    expect(await resolve()).toMatchObject({ version: '2.14.10', source: 'cache' });
  });

  it('uses the requested version', async () => {
    await writeFakeBinary(join(path, 'nats-server'), '2.15.1');
    await writeFakeBinary(cachedBinary(cacheDir, '2.14.1'), '2.14.1');
    expect(await resolve({}, '2.14.1')).toMatchObject({ version: '2.14.1', source: 'cache' });
  });

  it.each([
    ['does not exist', 'missing'],
    ['is not executable', 'plain'],
    ['does not print a version', 'mute'],
    ['fails on --version (3)', 'failing'],
  ])('rejects if NATS_SERVER %s', async (reason, name) => {
    await writeFakeBinary(join(path, 'nats-server'), '2.15.1');
    await writeScript(join(folder, 'mute'), 'echo hello');
    await writeScript(join(folder, 'failing'), 'exit 3');
    const binary = name === 'plain' ? folder : join(folder, name);
    const failure: unknown = await resolve({ NATS_SERVER: binary }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: 'NatsServerNotRunnableError',
      code: 'NATS_SERVER_NOT_RUNNABLE',
      value: binary,
    });
    expect(failure).toHaveProperty('message', expect.stringContaining(`NATS_SERVER names ${binary}, which ${reason}`));
  });

  it('rejects an old version with path, version, floor and remedy', async () => {
    const binary = await writeFakeBinary(join(path, 'nats-server'), '2.9.1');
    await writeFakeBinary(cachedBinary(cacheDir, '2.15.1'), '2.15.1');
    const failure: unknown = await resolve().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'NATS_SERVER_TOO_OLD', value: binary, version: '2.9.1' });
    expect(failure).toHaveProperty(
      'message',
      `${binary} (from PATH) is nats-server 2.9.1, but the oldest supported version is 2.10.0. ` +
        'Update it, or set NATS_SERVER to the path of a newer binary.',
    );
  });

  it('rejects if NATS_SERVER has another version than the requested one', async () => {
    const binary = await writeFakeBinary(join(folder, 'mine'), '2.14.0');
    await expect(resolve({ NATS_SERVER: binary }, '2.15.1')).rejects.toMatchObject({
      code: 'NATS_SERVER_VERSION_MISMATCH',
      version: '2.14.0',
      wanted: '2.15.1',
    });
  });

  it('warns about a version below the security floor', async () => {
    const binary = await writeFakeBinary(join(folder, 'mine'), '2.10.29');
    const { warning } = await resolve({ NATS_SERVER: binary });
    expect(warning).toBe('nats-server 2.10.29 has known vulnerabilities. Use 2.14.0 or later.');
  });

  it('rejects a requested version below the floor', async () => {
    await expect(resolve({}, '2.9.0')).rejects.toMatchObject({ code: 'NATS_SERVER_TOO_OLD', value: '2.9.0' });
  });

  async function resolve(env: Record<string, string> = {}, version?: string): Promise<ResolvedNatsServer> {
    return resolveNatsServer({
      env: { PATH: path, ...env },
      cacheDir,
      releaseBase: 'http://127.0.0.1:1',
      ...(version === undefined ? {} : { version }),
    });
  }
});
