// Each build starts with empty folders, so that packages contain no output of deleted sources.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace/root.mjs';

for (const folder of ['dist', 'runtime/dist']) rmSync(join(root, folder), { recursive: true, force: true });
