import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { NatsTestServer } from '@nest-jetstream/transport/testing';
import { isPortTaken } from '../../nats-server/run/port-check';
import { temporaryFolder } from '../nats-server/support/temporary-folder';
import { writeScript } from '../nats-server/support/fake-binary';
import { eventually } from '../support/eventually';
import { testBinary } from '../support/nats-server';

const TESTING = join(__dirname, '../../runtime/dist/testing/index.js');
const START = `require(${JSON.stringify(TESTING)}).NatsTestServer.start()`;
const isListening = async (url: string): Promise<boolean> => isPortTaken('127.0.0.1', Number(new URL(url).port));

/**
 * Prepares a Node program in a folder without nest-jetstream, with its temporary files in the same
 * folder.
 */
async function program(source: string, env: NodeJS.ProcessEnv) {
  const cwd = await temporaryFolder();
  return {
    file: process.execPath,
    args: ['-e', source],
    options: { cwd, env: { ...process.env, ...env, TMPDIR: cwd } },
  };
}

it('starts two independent test servers', async () => {
  const [one, other] = await Promise.all([NatsTestServer.start(), NatsTestServer.start()]);
  expect(one.url).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/);
  expect(other.url).not.toBe(one.url);
  await one.stop();
  await one.stop();
  expect(await isListening(one.url)).toBe(false);
  expect(await isListening(other.url)).toBe(true);
  await other.stop();
});

it.each([
  ['is killed', "process.kill(process.pid, 'SIGKILL');"],
  ['exits without stopping it', 'process.exit(0);'],
  ['throws', "throw new Error('on purpose');"],
])('removes the server and its store when the test process %s', async (_how, last) => {
  const source = `${START}.then((nats) => { console.log(nats.url); ${last} });`;
  const { file, args, options } = await program(source, { NATS_SERVER: await testBinary() });
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const [url] = await once(createInterface({ input: child.stdout }), 'line');
  await exited;
  await eventually('the server has stopped', async () => !(await isListening(String(url))));
  await eventually('the store is removed', async () => (await readdir(options.cwd)).length === 0);
});

async function failure(env: NodeJS.ProcessEnv): Promise<string> {
  const source = `${START}.catch((error) => console.log(error.code, error.message));`;
  const { file, args, options } = await program(source, env);
  return (await promisify(execFile)(file, args, options)).stdout;
}

describe('without nest-jetstream', () => {
  it('uses the nats-server in PATH', async () => {
    const path = await temporaryFolder();
    await writeScript(join(path, 'nats-server'), `exec ${JSON.stringify(await testBinary())} "$@"`);
    const source = `${START}.then((nats) => { console.log(nats.url); return nats.stop(); });`;
    const { file, args, options } = await program(source, { NATS_SERVER: '', PATH: `${path}:${process.env['PATH']}` });
    const { stdout } = await promisify(execFile)(file, args, options);
    expect(stdout).toMatch(/^nats:/);
  });

  it('reports a missing nats-server with the remedy', async () => {
    expect(await failure({ NATS_SERVER: '', PATH: '/nowhere' })).toBe(
      'TEST_SERVER_START The test server did not start. nats-server cannot be run (spawn nats-server ENOENT). Install ' +
        'nest-jetstream as a devDependency, which finds or fetches a nats-server, or set NATS_SERVER to the path of one.\n',
    );
  });

  it('reports the last output of a server that does not start', async () => {
    const broken = await writeScript(join(await temporaryFolder(), 'broken'), 'echo "no store" >&2; exit 3');
    expect(await failure({ NATS_SERVER: broken })).toContain(`${broken} exited (3). Last lines of its log: no store`);
  });
});

it('finds the server with nest-jetstream if it is installed', async () => {
  const binary = await writeScript(join(await temporaryFolder(), 'too-old'), 'echo "nats-server: v2.9.0"');
  const project = await temporaryFolder();
  await mkdir(join(project, 'node_modules'));
  await symlink(join(__dirname, '../..'), join(project, 'node_modules', 'nest-jetstream'));
  const source = `${START}.catch((error) => console.log(error.message));`;
  const env = { ...process.env, NATS_SERVER: binary };
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', source], { cwd: project, env });
  expect(stdout).toContain(`NatsServerTooOldError: ${binary} (from NATS_SERVER) is nats-server 2.9.0`);
});

it('is not loaded by the main entry point', async () => {
  const main = join(__dirname, '../../runtime/dist/index.js');
  const source = `require(${JSON.stringify(main)}); console.log(Object.keys(require.cache).join('\\n'));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', source]);
  const loaded = stdout.split('\n');
  expect(loaded).toContain(main);
  expect(loaded.filter((file) => file.startsWith(dirname(TESTING)))).toEqual([]);
});
