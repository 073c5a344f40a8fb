import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { getContainerRuntimeClient } from 'testcontainers';
import { testBinary } from '../nats-server';

const IMAGE = 'nest-jetstream-test/nats-server:local';
const runFile = promisify(execFile);

/** Builds an image of the nats-server that all tests use, without a registry. */
export async function natsImage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nats-image-'));
  try {
    const root = join(folder, 'root');
    const binary = await testBinary();
    for (const path of ['etc', 'tmp', 'data']) await mkdir(join(root, path), { recursive: true });
    await cp(binary, join(root, 'nats-server'));
    for (const library of await librariesOf(binary)) await copyInto(root, library);
    await writeFile(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/:\n');
    await writeFile(join(root, 'etc', 'nsswitch.conf'), 'hosts: files dns\n');
    await importFolder(root);
    return IMAGE;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the libraries of the binary. Static binaries such as release builds have none. */
async function librariesOf(binary: string): Promise<string[]> {
  const { stdout } = await runFile('ldd', [binary]).catch(() => ({ stdout: '' }));
  return stdout.match(/\/\S+/g)?.filter((path) => path !== binary && path !== `${binary}:`) ?? [];
}

async function copyInto(root: string, file: string): Promise<void> {
  const target = join(root, file);
  await mkdir(dirname(target), { recursive: true });
  await cp(file, target, { dereference: true });
}

async function importFolder(root: string): Promise<void> {
  const { container } = await getContainerRuntimeClient();
  const { dockerode } = container;
  const [repo, tag] = IMAGE.split(':');
  const tar = spawn('tar', ['-C', root, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const progress = await dockerode.importImage(tar.stdout, { repo, tag, changes: ['ENTRYPOINT ["/nats-server"]'] });
  await new Promise<void>((resolve, reject) => {
    dockerode.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
  });
}
