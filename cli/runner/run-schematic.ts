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
  /** True if package.json has dependencies that are not installed. */
  readonly needsInstall: boolean;
}

type Rule = (tree: Tree, context: RunnerContext) => unknown;

/** Runs a schematic. Rejects with its error before any file is written. */
export async function runSchematic({ root, schematic, options, dryRun, say }: SchematicRun): Promise<SchematicOutcome> {
  const tree = new DiskTree(root);
  const tasks: string[] = [];
  const context: RunnerContext = {
    logger: {
      debug: (text) => say({ level: 'debug', text }),
      info: (text) => say({ level: 'info', text }),
      warn: (text) => say({ level: 'warn', text }),
      error: (text) => say({ level: 'error', text }),
    },
    addTask: (task) => ({ id: tasks.push(task.toConfiguration().name) }),
  };
  await apply(loadFactory(schematic)(options), tree, context);
  const { changes } = tree;
  if (!dryRun) writeChanges(root, changes);
  return { changes, needsInstall: tasks.includes('node-package') };
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
