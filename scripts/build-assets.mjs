// Copies the files that tsc does not: collection.json, the schema.json of each schematic, the
// templates and the troubleshooting page.
import { chmodSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

// Error messages link to this page, which must work offline. Its own links stay in the repository.
const troubleshooting = readFileSync(join(root, 'docs', 'troubleshooting.md'), 'utf8');
const alone = troubleshooting.replace(/\[([^\]]*)\]\((?!#)([^)]*)\)/g, '$1 (docs/$2)');
writeFileSync(join(root, 'runtime', 'dist', 'troubleshooting.md'), alone);
