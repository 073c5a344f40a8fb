import { join } from 'node:path';
import { resolveNatsServer, type ResolvedNatsServer } from '../../nats-server';
import { cachedBinary } from '../../nats-server/find/cache';
import { writeFakeBinary, writeScript } from './support/fake-binary';
import { temporaryFolder } from './support/temporary-folder';

describe('a nats-server of this machine', () => {
  let folder: string;
  let cacheDir: string;
  let path: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    cacheDir = join(folder, 'cache');
    path = join(folder, 'bin');
  });

  it('is that of NATS_SERVER before all others', async () => {
    const binary = await writeFakeBinary(join(folder, 'mine'), '2.14.0');
    await writeFakeBinary(join(path, 'nats-server'), '2.15.1');
    expect(await resolve({ NATS_SERVER: binary })).toEqual({ binary, version: '2.14.0', source: 'NATS_SERVER' });
  });

  it('is that of PATH before the cache', async () => {
    const binary = await writeFakeBinary(join(path, 'nats-server'), '2.14.2');
    await writeFakeBinary(cachedBinary(cacheDir, '2.15.1'), '2.15.1');
    expect(await resolve()).toEqual({ binary, version: '2.14.2', source: 'PATH' });
  });

  it('is that of the cache when there is no other', async () => {
    const binary = await writeFakeBinary(cachedBinary(cacheDir, '2.15.1'), '2.15.1');
    await writeFakeBinary(cachedBinary(cacheDir, '2.16.0'), '2.16.0');
    expect(await resolve()).toEqual({ binary, version: '2.15.1', source: 'cache' });
  });

  it('is the newest supported one of the cache when the default is not there', async () => {
    for (const version of ['2.9.0', '2.14.1', '2.14.10'])
      await writeFakeBinary(cachedBinary(cacheDir, version), version);
    expect(await resolve()).toMatchObject({ version: '2.14.10', source: 'cache' });
  });

  it('is of the version that was asked for', async () => {
    await writeFakeBinary(join(path, 'nats-server'), '2.15.1');
    await writeFakeBinary(cachedBinary(cacheDir, '2.14.1'), '2.14.1');
    expect(await resolve({}, '2.14.1')).toMatchObject({ version: '2.14.1', source: 'cache' });
  });

  it.each([
    ['does not exist', 'missing'],
    ['is not executable', 'plain'],
    ['does not print a version', 'mute'],
    ['fails on --version (3)', 'failing'],
  ])('is refused when NATS_SERVER %s', async (reason, name) => {
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

  it('is refused when it is too old, naming path, version, floor and remedy', async () => {
    const binary = await writeFakeBinary(join(path, 'nats-server'), '2.9.1');
    await writeFakeBinary(cachedBinary(cacheDir, '2.15.1'), '2.15.1');
    const failure: unknown = await resolve().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'NATS_SERVER_TOO_OLD', value: binary, version: '2.9.1' });
    expect(failure).toHaveProperty(
      'message',
      `${binary} (from PATH) is nats-server 2.9.1, but 2.10.0 is the oldest that works. ` +
        'Update it, or set NATS_SERVER to the path of a newer binary.',
    );
  });

  it('is refused when NATS_SERVER is of another version than the one that was asked for', async () => {
    const binary = await writeFakeBinary(join(folder, 'mine'), '2.14.0');
    await expect(resolve({ NATS_SERVER: binary }, '2.15.1')).rejects.toMatchObject({
      code: 'NATS_SERVER_VERSION_MISMATCH',
      version: '2.14.0',
      wanted: '2.15.1',
    });
  });

  it('comes with a warning below the security floor', async () => {
    const binary = await writeFakeBinary(join(folder, 'mine'), '2.10.29');
    const { warning } = await resolve({ NATS_SERVER: binary });
    expect(warning).toBe('nats-server 2.10.29 has known security holes; use 2.14.0 or later.');
  });

  it('cannot be asked for below the floor', async () => {
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
