import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export interface DevelopmentStore {
  readonly directory: string;
  /** What becomes of it when the server ends. */
  readonly fate: 'kept' | 'removed at the end';
  dispose(): Promise<void>;
}

export interface StoreChoice {
  /** A throw-away store. Default: false. */
  readonly memory?: boolean;
  /** Directory of a kept store. Default: `.nats` in the project. */
  readonly store?: string;
  readonly cwd: string;
}

export async function openStore({ memory = false, store, cwd }: StoreChoice): Promise<DevelopmentStore> {
  if (memory) return temporaryStore();
  return kept(store === undefined ? await projectStore(cwd) : resolve(cwd, store));
}

/**
 * `.nats` beside the nearest package.json: two projects never meet in one store, the streams are
 * where their project is and go when it goes, and it is the same store from every folder of the
 * project.
 */
async function projectStore(cwd: string): Promise<string> {
  const directory = join(projectRoot(cwd), '.nats');
  await mkdir(directory, { recursive: true });
  // So that nobody commits their messages, whatever the project's own .gitignore says.
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
    fate: 'removed at the end',
    dispose: async () => rm(directory, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function kept(directory: string): DevelopmentStore {
  return { directory, fate: 'kept', dispose: () => Promise.resolve() };
}
