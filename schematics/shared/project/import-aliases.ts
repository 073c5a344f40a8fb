import { posix } from 'node:path';
import { isRecord, readJson, stringAt } from '../edit/json-file';
import type { Tree } from '../source/tree';

const COMPILER_CONFIGS = ['tsconfig.json', 'tsconfig.app.json', 'tsconfig.base.json'];

/** Targets of specifiers. A `*` matches any text. */
interface Aliases {
  readonly folder: string;
  readonly targets: Readonly<Record<string, readonly string[]>>;
}

/**
 * Returns the files, without extension, that a specifier may stand for: by `paths` and `baseUrl` of
 * tsconfig.json, and by `imports` of package.json.
 */
export function aliasTargets(tree: Tree, from: string, specifier: string): string[] {
  return aliasesFor(tree, posix.dirname(from)).flatMap(({ folder, targets }) =>
    Object.entries(targets).flatMap(([pattern, paths]) => {
      const [prefix = '', suffix] = pattern.split('*');
      const isMatch =
        suffix === undefined
          ? specifier === pattern
          : specifier.length >= prefix.length + suffix.length &&
            specifier.startsWith(prefix) &&
            specifier.endsWith(suffix);
      if (!isMatch) return [];
      const rest = suffix === undefined ? '' : specifier.slice(prefix.length, specifier.length - suffix.length);
      return paths.map((path) =>
        posix.join(
          folder,
          path.replace('*', () => rest),
        ),
      );
    }),
  );
}

// Cache: the imports of a project are resolved often. A schematic changes no alias.
const known = new WeakMap<Tree, Map<string, readonly Aliases[]>>();

/** Returns the aliases of a folder and of the folders above it. */
function aliasesFor(tree: Tree, folder: string): readonly Aliases[] {
  const folders = known.get(tree) ?? new Map<string, readonly Aliases[]>();
  known.set(tree, folders);
  const found = folders.get(folder);
  if (found) return found;
  const own = [
    ...COMPILER_CONFIGS.flatMap((name) => compilerAliases(tree, posix.join(folder, name))),
    ...packageAliases(tree, folder),
  ];
  const aliases = folder === '.' ? own : [...own, ...aliasesFor(tree, posix.dirname(folder))];
  folders.set(folder, aliases);
  return aliases;
}

function compilerAliases(tree: Tree, path: string, visited: readonly string[] = []): Aliases[] {
  // A configuration outside the workspace cannot be read.
  const config = path.startsWith('..') || visited.includes(path) ? undefined : readJson(tree, path);
  if (!config) return [];
  const options = config['compilerOptions'];
  const baseUrl = stringAt(options, 'baseUrl');
  const folder = posix.join(posix.dirname(path), baseUrl ?? '.');
  const paths = isRecord(options) && isRecord(options['paths']) ? options['paths'] : {};
  const targets = Object.entries(paths).map(([alias, list]) => [alias, stringsIn(list)] as const);
  const own = { folder, targets: Object.fromEntries([...targets, ...(baseUrl === undefined ? [] : [['*', ['*']]])]) };
  const inherited = stringsIn(config['extends']).filter((each) => each.startsWith('.'));
  return [
    own,
    ...inherited.flatMap((each) => {
      const base = posix.join(posix.dirname(path), each);
      return compilerAliases(tree, base.endsWith('.json') ? base : `${base}.json`, [...visited, path]);
    }),
  ];
}

function packageAliases(tree: Tree, folder: string): Aliases[] {
  const imports = readJson(tree, posix.join(folder, 'package.json'))?.['imports'];
  if (!isRecord(imports)) return [];
  const targets = Object.entries(imports).map(([alias, value]) => {
    const files = stringsIn(value).filter((path) => path.startsWith('./'));
    // The sources of a built file are in `src`.
    return [alias, files.flatMap((path) => [path, path.replace(/^\.\/[\w-]+\//, './src/')])] as const;
  });
  return [{ folder, targets: Object.fromEntries(targets) }];
}

/** Returns all texts in a value, also below conditions such as `default`. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
