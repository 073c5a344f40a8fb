import { createServer } from 'node:net';
import { join } from 'node:path';
import { startNatsServer, type RunningNatsServer } from '../../nats-server';
import { isPortTaken } from '../../nats-server/run/port-check';
import { testBinary } from '../support/nats-server';
import { writeFakeBinary, writeScript } from './support/fake-binary';
import { listen } from './support/loopback';
import { temporaryFolder } from './support/temporary-folder';

describe('startNatsServer', () => {
  let storeDir: string;
  const running: RunningNatsServer[] = [];

  beforeEach(async () => {
    storeDir = join(await temporaryFolder(), 'store');
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map(async (server) => server.stop()));
  });

  it('waits until the server listens and can be stopped repeatedly', async () => {
    const server = await start({ monitorPort: 0 });
    const port = Number(new URL(server.url).port);
    expect(server.url).toBe(`nats://127.0.0.1:${port}`);
    expect((await fetch(`${server.monitorUrl}/healthz`)).status).toBe(200);
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(await isPortTaken('127.0.0.1', port)).toBe(false);
  });

  it.each(['client', 'monitor'])('rejects with the %s port in use', async (kind) => {
    const port = await listen(createServer());
    await expect(start(kind === 'client' ? { port } : { monitorPort: port })).rejects.toMatchObject({
      code: 'NATS_SERVER_PORT_IN_USE',
      port,
      message: `Port ${port} on 127.0.0.1 is in use. Stop the process that listens on it, or choose another port.`,
    });
  });

  it('rejects a store in use and accepts it after the other server has stopped', async () => {
    const first = await start({});
    await expect(start({})).rejects.toMatchObject({
      code: 'NATS_SERVER_STORE_IN_USE',
      value: storeDir,
      pid: first.pid,
    });
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const second = await start({});
    // The old handle must not remove the record of the new server.
    await first.stop();
    await expect(start({})).rejects.toMatchObject({ pid: second.pid });
  });

  it('rejects a store that is a file', async () => {
    await writeFakeBinary(storeDir, '1.0.0');
    await expect(start({})).rejects.toMatchObject({ code: 'NATS_SERVER_STORE_UNUSABLE', value: storeDir });
  });

  it('rejects with the last log lines of a server that exits at once', async () => {
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

  it('rejects with the path of a binary that cannot run', async () => {
    await expect(start({ binary: join(storeDir, 'none') })).rejects.toMatchObject({
      code: 'NATS_SERVER_START_FAILED',
      message: expect.stringContaining('ENOENT'),
    });
  });

  it('stops a server that is not ready in time', async () => {
    const binary = await writeScript(join(storeDir, 'lazy'), 'echo $$; exec sleep 60');
    const lines: string[] = [];
    const starting = start({ binary, startTimeoutMs: 300, onLog: (line) => lines.push(line) });
    await expect(starting).rejects.toMatchObject({ code: 'NATS_SERVER_START_FAILED', value: binary });
    expect(() => process.kill(Number(lines[0]), 0)).toThrow('ESRCH');
  });

  it('starts a server without JetStream', async () => {
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
