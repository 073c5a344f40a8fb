import { cp, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../../scripts/process/run.mjs';
import { root } from '../../../scripts/workspace/root.mjs';

const PROGRAMS = fileURLToPath(new URL('../programs', import.meta.url));
const FOLDER = join(root, '.cache', 'bench-earlier');
const SCOPE = '@nest-jetstream';

/**
 * Unpacks an earlier build of the transport beside our programs. All other packages are those of
 * this repository, so that only the transport differs.
 * @param {string} tarball a file that `npm pack` wrote
 * @returns {Promise<string>} the folder of its programs
 */
export async function unpackEarlier(tarball) {
  const modules = join(FOLDER, 'node_modules');
  const transport = join(modules, SCOPE, 'transport');
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(transport, { recursive: true });
  await run('tar', ['-xzf', resolve(tarball), '-C', transport, '--strip-components=1']);
  const installed = await readdir(join(root, 'node_modules'));
  await Promise.all(
    installed
      .filter((name) => name !== SCOPE && !name.startsWith('.'))
      .map(async (name) => symlink(join(root, 'node_modules', name), join(modules, name))),
  );
  const programs = join(FOLDER, 'programs');
  await cp(PROGRAMS, programs, { recursive: true });
  return programs;
}

/** Reduces a group to its variants of the transport, each measured with both builds. */
export function comparedWith(group, folder) {
  return {
    ...group,
    async prepare(context, scale) {
      const variants = Object.entries(await group.prepare(context, scale));
      return Object.fromEntries(
        variants.flatMap(([name, variant]) =>
          isOurs(variant)
            ? [
                [name, variant],
                [`${name}, earlier`, { ...variant, folder }],
              ]
            : [[name, variant]],
        ),
      );
    },
    rows: group.rows.flatMap((row) => [
      row,
      { ...row, name: `${row.name}, earlier build`, variant: `${row.variant}, earlier`, target: undefined },
      { ...row, name: `${row.name}, against the earlier build`, against: `${row.variant}, earlier`, target: undefined },
    ]),
  };
}

function isOurs({ program, given }) {
  return program.endsWith('-ours') || given.transport === 'ours';
}
