import type { RunnerContext, Tree } from '../../schematics/shared/source/tree';
import type { Schematic } from './collection';
import { DiskTree, type FileChange } from './disk-tree';
import { writeChanges } from './write-changes';

export interface SchematicRun {
  /** Folder of the project's package.json. */
  readonly root: string;
  readonly schematic: Schematic;
  readonly options: Readonly<Record<string, unknown>>;
  readonly dryRun: boolean;
  readonly say: (message: SchematicMessage) => void;
}

export interface SchematicMessage {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly text: string;
}

export interface SchematicOutcome {
  readonly changes: readonly FileChange[];
  /** Work to do after the files are written, in order. */
  readonly tasks: readonly SchematicTask[];
}

/** The tasks of devkit that our schematics use. */
export type SchematicTask =
  | { readonly name: 'node-package'; readonly options: InstallOptions }
  | { readonly name: 'run-schematic'; readonly options: RunOptions };

interface RunOptions {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface InstallOptions {
  readonly packageManager: string;
  /** Package to add. Undefined to install package.json. */
  readonly packageName?: string | undefined;
}

type Rule = (tree: Tree, context: RunnerContext) => unknown;

/** Runs a schematic. Rejects with its error before any file is written. */
export async function runSchematic({ root, schematic, options, dryRun, say }: SchematicRun): Promise<SchematicOutcome> {
  const tree = new DiskTree(root);
  const tasks: SchematicTask[] = [];
  const context: RunnerContext = {
    logger: {
      debug: (text) => say({ level: 'debug', text }),
      info: (text) => say({ level: 'info', text }),
      warn: (text) => say({ level: 'warn', text }),
      error: (text) => say({ level: 'error', text }),
    },
    addTask: (task) => ({ id: tasks.push(task.toConfiguration() as SchematicTask) }),
  };
  await apply(loadFactory(schematic)(options), tree, context);
  const { changes } = tree;
  if (!dryRun) writeChanges(root, changes);
  return { changes, tasks };
}

function loadFactory({ name, factory }: Schematic): (options: object) => Rule {
  // Factories are CommonJS modules that load their dependencies on use.
  const exported = (require(factory.path) as Record<string, unknown>)[factory.exported];
  if (typeof exported !== 'function') throw new Error(`Schematic '${name}' has no factory ${factory.exported}.`);
  return exported as (options: object) => Rule;
}

/** A rule may return another rule, as with devkit. */
async function apply(rule: Rule, tree: Tree, context: RunnerContext): Promise<void> {
  const next = await rule(tree, context);
  if (typeof next === 'function') await apply(next as Rule, tree, context);
}
