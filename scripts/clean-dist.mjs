// A deleted source must not live on in a package: each build begins with empty folders.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace/root.mjs';

for (const folder of ['dist', 'runtime/dist']) rmSync(join(root, folder), { recursive: true, force: true });
