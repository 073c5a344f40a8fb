import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serve, type ServeOptions } from '../../nats-server';
import { eventually } from '../support/eventually';
import { testBinary } from '../support/nats-server';
import { writeScript } from './support/fake-binary';
import { storedMessages, storeMessage } from './support/stored-messages';
import { temporaryFolder } from './support/temporary-folder';

describe('serve', () => {
  let project: string;

  beforeEach(async () => {
    project = await temporaryFolder();
    await writeFile(join(project, 'package.json'), '{}');
  });

  it('keeps its store in the project, also from subfolders, and out of git', async () => {
    await run({}, async (server) => storeMessage(server.value('NATS_URL='), 'kept'));
    const folder = join(project, 'src', 'orders');
    await mkdir(folder, { recursive: true });
    await run({ cwd: folder }, async (server) => {
      expect(server.value('store')).toBe(`${join(project, '.nats')} (kept)`);
      expect(await storedMessages(server.value('NATS_URL='))).toEqual(['kept']);
    });
    expect(await readFile(join(project, '.nats', '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('uses the given store', async () => {
    await run({ store: 'data/nats' }, (server) => {
      expect(server.value('store')).toBe(`${join(project, 'data', 'nats')} (kept)`);
    });
    expect(existsSync(join(project, 'data', 'nats', 'jetstream'))).toBe(true);
    expect(existsSync(join(project, '.nats'))).toBe(false);
  });

  it('removes a temporary store on exit', async () => {
    let store = '';
    await run({ memory: true }, async (server) => {
      store = server.value('store').replace(' (removed on exit)', '');
      await storeMessage(server.value('NATS_URL='), 'gone');
      expect(existsSync(join(store, 'jetstream'))).toBe(true);
    });
    expect(existsSync(store)).toBe(false);
    expect(existsSync(join(project, '.nats'))).toBe(false);
  });

  it('prints version, binary, url and store', async () => {
    const binary = await testBinary();
    await run({ memory: true, monitorPort: 0 }, async (server) => {
      expect(server.lines[0]).toMatch(/^nats-server \d+\.\d+\.\d+ with JetStream \(NATS_SERVER: /);
      expect(server.lines[0]).toContain(binary);
      expect(server.lines.at(-1)).toBe('Press Ctrl-C to stop it.');
      expect((await fetch(`${server.value('monitor')}/healthz`)).status).toBe(200);
    });
  });

  it('warns about a version below the security floor', async () => {
    const real = await testBinary();
    const binary = join(project, 'old');
    await writeScript(binary, `[ "$1" = --version ] && echo 'nats-server: v2.12.6' && exit\nexec '${real}' "$@"`);
    await run({ memory: true, env: { NATS_SERVER: binary } }, (server) => {
      expect(server.value('warning')).toBe('nats-server 2.12.6 has known vulnerabilities. Use 2.12.7 or later.');
    });
  });

  it('rejects when the server exits and removes the temporary store', async () => {
    const real = await testBinary();
    const binary = join(project, 'recorded');
    await writeScript(binary, `[ "$1" = --version ] || echo $$ >'${project}/pid'\nexec '${real}' "$@"`);
    let store = '';
    const running = run({ memory: true, env: { NATS_SERVER: binary } }, async (server) => {
      store = server.value('store').replace(' (removed on exit)', '');
      process.kill(Number(await readFile(join(project, 'pid'), 'utf8')), 'SIGKILL');
      await eventually('the store is removed', () => !existsSync(store));
    });
    await expect(running).rejects.toMatchObject({ code: 'NATS_SERVER_ENDED', value: binary });
    expect(store).not.toBe('');
  });

  async function run(options: Partial<ServeOptions>, work: (server: Printed) => void | Promise<void>): Promise<void> {
    const server = new Printed();
    const stopping = new AbortController();
    const serving = serve({
      port: 0,
      cwd: project,
      env: { NATS_SERVER: await testBinary() },
      print: (line) => server.lines.push(line),
      signal: stopping.signal,
      ...options,
    });
    const ended = serving.then(
      () => true,
      () => true,
    );
    try {
      await Promise.race([eventually('it runs', () => server.lines.includes('Press Ctrl-C to stop it.')), serving]);
      await work(server);
    } finally {
      stopping.abort();
      await ended;
    }
    await serving;
  }
});

class Printed {
  readonly lines: string[] = [];

  value(name: string): string {
    const line = this.lines.find((text) => text.trimStart().startsWith(name));
    return line?.trim().slice(name.length).trim() ?? '';
  }
}
