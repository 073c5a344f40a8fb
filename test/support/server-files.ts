import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders: string[] = [];

afterAll(async () => {
  await Promise.all(folders.splice(0).map(async (folder) => rm(folder, { recursive: true, force: true })));
});

/** Writes files that are removed after the spec file and returns their paths. */
export async function writeFiles<Name extends string>(files: Record<Name, string>): Promise<Record<Name, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'nats-files-'));
  folders.push(folder);
  const paths = Object.entries<string>(files).map(async ([name, content]): Promise<[string, string]> => {
    await writeFile(join(folder, name), content);
    return [name, join(folder, name)];
  });
  return Object.fromEntries(await Promise.all(paths)) as Record<Name, string>;
}
