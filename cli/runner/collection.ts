import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { SchematicSchema } from './schema';

// The same path from the sources and from dist.
const COLLECTION = join(__dirname, '..', '..', 'collection.json');

/** A schematic of collection.json. */
export interface Schematic {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly description: string;
  readonly schema: SchematicSchema;
  /** Module that exports the factory, and the name of the export. */
  readonly factory: { readonly path: string; readonly exported: string };
}

interface CollectionEntry {
  readonly aliases?: readonly string[];
  readonly description: string;
  readonly factory: string;
  readonly schema: string;
  readonly private?: boolean;
}

/** Returns the schematics that users can run. */
export function readCollection(): Schematic[] {
  const { schematics } = readJsonFile<{ schematics: Record<string, CollectionEntry> }>(COLLECTION);
  return Object.entries(schematics)
    .filter(([, entry]) => entry.private !== true)
    .map(([name, { aliases = [], description, factory, schema }]) => {
      const [path = '', exported = 'default'] = factory.split('#');
      return {
        name,
        aliases,
        description,
        schema: readJsonFile<SchematicSchema>(join(dirname(COLLECTION), schema)),
        factory: { path: join(dirname(COLLECTION), path), exported },
      };
    });
}

/** Returns true if the project's @nestjs/schematics has a schematic with this name or alias. */
export function findStockSchematic(root: string, name: string): boolean {
  try {
    const path = createRequire(join(root, 'package.json')).resolve('@nestjs/schematics/dist/collection.json');
    const { schematics } = JSON.parse(readFileSync(path, 'utf8')) as {
      schematics: Record<string, { aliases?: readonly string[] }>;
    };
    return Object.entries(schematics).some(([each, { aliases = [] }]) => each === name || aliases.includes(name));
  } catch {
    // The project does not have Nest's schematics.
    return false;
  }
}

function readJsonFile<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
