// `npm run changeset -- <command>` runs changesets for both packages. Without a command, it writes
// one; `version` turns them into versions and changelogs. Changesets supports workspaces only, and
// one of our packages is the root. A permanent workspace would be linked into its own node_modules,
// so the root is a workspace during this command only.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace/root.mjs';

const manifest = join(root, 'package.json');
const read = () => JSON.parse(readFileSync(manifest, 'utf8'));
const writeWorkspaces = (workspaces) => writeFileSync(manifest, JSON.stringify({ ...read(), workspaces }, null, 2));
const run = (bin, ...args) => spawnSync(join(root, 'node_modules', '.bin', bin), args, { cwd: root, stdio: 'inherit' });

const { workspaces } = read();
writeWorkspaces(['.', ...workspaces]);
const { status } = run('changeset', ...process.argv.slice(2));
writeWorkspaces(workspaces);
run('prettier', '--log-level', 'warn', '--write', manifest, join(root, 'runtime', 'package.json'));
process.exitCode = status ?? 1;
