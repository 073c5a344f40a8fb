// `npm run changeset -- <command>`: changesets for both packages: nothing to write one, `version`
// to turn them into versions and changelogs. Changesets sees workspaces only, and the root is one
// of our two packages; as a lasting workspace it would be linked into its own node_modules, so it
// is one for the length of this command.
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
