import { readFile } from 'node:fs/promises';

/**
 * The fields of an os-release file (man os-release); empty where there is none, as on macOS and
 * Windows.
 */
export async function readOsRelease(path: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^([A-Z_]+)=["']?(.*?)["']?\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) fields.set(key, value);
  }
  return fields;
}
