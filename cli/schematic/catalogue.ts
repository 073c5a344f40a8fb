import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SchematicSchema } from './schema';

// The same place seen from the sources and from dist.
const COLLECTION = join(__dirname, '..', '..', 'collection.json');

/** A schematic of ours, as collection.json has it. */
export interface Schematic {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly description: string;
  readonly schema: SchematicSchema;
  /** The module that exports its factory, and under which name. */
  readonly factory: { readonly path: string; readonly exported: string };
}

interface CollectionEntry {
  readonly aliases?: readonly string[];
  readonly description: string;
  readonly factory: string;
  readonly schema: string;
  readonly private?: boolean;
}

/** Every schematic that users can run. */
export function readCatalogue(): Schematic[] {
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

function readJsonFile<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
