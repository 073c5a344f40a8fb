import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export interface DevelopmentStore {
  readonly directory: string;
  /** State of the directory after the server has stopped. */
  readonly fate: 'kept' | 'removed on exit';
  dispose(): Promise<void>;
}

export interface StoreChoice {
  /** Uses a temporary store. Default: false. */
  readonly memory?: boolean;
  /** Directory of a persistent store. Default: `.nats` in the project. */
  readonly store?: string;
  readonly cwd: string;
}

export async function openStore({ memory = false, store, cwd }: StoreChoice): Promise<DevelopmentStore> {
  if (memory) return temporaryStore();
  return kept(store === undefined ? await projectStore(cwd) : resolve(cwd, store));
}

/**
 * Returns `.nats` beside the nearest package.json. Each project has its own store, which is the
 * same from all of its folders.
 */
async function projectStore(cwd: string): Promise<string> {
  const directory = join(projectRoot(cwd), '.nats');
  await mkdir(directory, { recursive: true });
  // Keeps messages out of the project's commits.
  await writeFile(join(directory, '.gitignore'), '*\n');
  return directory;
}

function projectRoot(cwd: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) return cwd;
  }
}

async function temporaryStore(): Promise<DevelopmentStore> {
  const directory = await mkdtemp(join(tmpdir(), 'nest-jetstream-'));
  return {
    directory,
    fate: 'removed on exit',
    dispose: async () => rm(directory, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function kept(directory: string): DevelopmentStore {
  return { directory, fate: 'kept', dispose: () => Promise.resolve() };
}
