import { createServer } from 'node:net';
import { join } from 'node:path';
import { startNatsServer, type RunningNatsServer } from '../../nats-server';
import { isPortTaken } from '../../nats-server/run/port-check';
import { testBinary } from '../support/nats-server';
import { writeFakeBinary, writeScript } from './support/fake-binary';
import { listen } from './support/loopback';
import { temporaryFolder } from './support/temporary-folder';

describe('starting a nats-server', () => {
  let storeDir: string;
  const running: RunningNatsServer[] = [];

  beforeEach(async () => {
    storeDir = join(await temporaryFolder(), 'store');
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map(async (server) => server.stop()));
  });

  it('waits until it listens, and stops it as often as asked', async () => {
    const server = await start({ monitorPort: 0 });
    const port = Number(new URL(server.url).port);
    expect(server.url).toBe(`nats://127.0.0.1:${port}`);
    expect((await fetch(`${server.monitorUrl}/healthz`)).status).toBe(200);
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(await isPortTaken('127.0.0.1', port)).toBe(false);
  });

  it.each(['client', 'monitor'])('names the taken %s port', async (kind) => {
    const port = await listen(createServer());
    await expect(start(kind === 'client' ? { port } : { monitorPort: port })).rejects.toMatchObject({
      code: 'NATS_SERVER_PORT_IN_USE',
      port,
      message: `Port ${port} on 127.0.0.1 is taken. Stop what listens there, or choose another one.`,
    });
  });

  it('refuses a store that another server uses, and takes it once that is gone', async () => {
    const first = await start({});
    await expect(start({})).rejects.toMatchObject({
      code: 'NATS_SERVER_STORE_IN_USE',
      value: storeDir,
      pid: first.pid,
    });
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const second = await start({});
    // The old handle must not take away what the new server noted.
    await first.stop();
    await expect(start({})).rejects.toMatchObject({ pid: second.pid });
  });

  it('refuses a store that is no directory', async () => {
    await writeFakeBinary(storeDir, '1.0.0');
    await expect(start({})).rejects.toMatchObject({ code: 'NATS_SERVER_STORE_UNUSABLE', value: storeDir });
  });

  it('gives the last lines of a server that ends at once', async () => {
    const binary = await writeScript(
      join(storeDir, 'failing'),
      'for i in $(seq 20); do echo "line $i" >&2; done; exit 7',
    );
    const failure: unknown = await start({ binary }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'NATS_SERVER_START_FAILED', value: binary });
    expect(failure).toHaveProperty(
      'log',
      Array.from({ length: 12 }, (_, index) => `line ${index + 9}`),
    );
    expect(failure).toHaveProperty('message', expect.stringContaining('did not start (7)'));
  });

  it('names a binary that cannot be run', async () => {
    await expect(start({ binary: join(storeDir, 'none') })).rejects.toMatchObject({
      code: 'NATS_SERVER_START_FAILED',
      message: expect.stringContaining('ENOENT'),
    });
  });

  it('gives up on one that does not get ready, and ends it', async () => {
    const binary = await writeScript(join(storeDir, 'lazy'), 'echo $$; exec sleep 60');
    const lines: string[] = [];
    const starting = start({ binary, startTimeoutMs: 300, onLog: (line) => lines.push(line) });
    await expect(starting).rejects.toMatchObject({ code: 'NATS_SERVER_START_FAILED', value: binary });
    expect(() => process.kill(Number(lines[0]), 0)).toThrow('ESRCH');
  });

  it('runs without JetStream as well', async () => {
    const server = await startNatsServer({ binary: await testBinary(), port: 0, jetstream: false });
    running.push(server);
    expect(server.url).toMatch(/^nats:/);
  });

  async function start(options: Partial<Parameters<typeof startNatsServer>[0]>): Promise<RunningNatsServer> {
    const server = await startNatsServer({ binary: await testBinary(), port: 0, storeDir, ...options });
    running.push(server);
    return server;
  }
});
