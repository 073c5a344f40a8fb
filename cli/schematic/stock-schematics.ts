import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Whether the project's @nestjs/schematics has a schematic of this name or alias. */
export function findStockSchematic(root: string, name: string): boolean {
  try {
    const path = createRequire(join(root, 'package.json')).resolve('@nestjs/schematics/dist/collection.json');
    const { schematics } = JSON.parse(readFileSync(path, 'utf8')) as {
      schematics: Record<string, { aliases?: readonly string[] }>;
    };
    return Object.entries(schematics).some(([each, { aliases = [] }]) => each === name || aliases.includes(name));
  } catch {
    // Without Nest's schematics there is nothing of that name to point to.
    return false;
  }
}
