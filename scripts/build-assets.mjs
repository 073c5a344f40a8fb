// Lays what tsc does not copy beside the built factories: collection.json, each schematic's schema.json, the templates.
import { chmodSync, cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

cpSync(join(root, 'collection.json'), join(dist, 'collection.json'));
cpSync(join(root, 'templates'), join(dist, 'templates'), { recursive: true });
for (const file of readdirSync(join(root, 'schematics'), { recursive: true })) {
  if (file.endsWith('schema.json')) cpSync(join(root, 'schematics', file), join(dist, 'schematics', file));
}
chmodSync(join(dist, 'cli', 'main.js'), 0o755);
