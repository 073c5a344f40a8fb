import { join } from 'node:path';
import { normalize, virtualFs } from '@angular-devkit/core';
import { HostTree, type Tree } from '@angular-devkit/schematics';
import { SchematicTestRunner, type UnitTestTree } from '@angular-devkit/schematics/testing';

export interface SchematicResult {
  readonly tree: UnitTestTree;
  /** Log output. */
  readonly messages: string;
  /** Written paths. */
  readonly changed: string[];
  readonly tasks: string[];
  readonly taskOptions: unknown[];
}

function runner(): SchematicTestRunner {
  return new SchematicTestRunner('nest-jetstream', join(__dirname, '..', '..', '..', 'collection.json'));
}

/** Returns the project that `nest new` creates, in memory. */
export async function projectTree(type: 'esm' | 'cjs' = 'esm'): Promise<UnitTestTree> {
  const options = { name: '', type, language: 'ts', strict: true };
  const tree = await runner().runExternalSchematic('@nestjs/schematics', 'application', options);
  const manifest = tree.readJson('/package.json') as Record<string, unknown>;
  tree.overwrite('/package.json', `${JSON.stringify({ ...manifest, name: 'shop' }, null, 2)}\n`);
  return tree;
}

/** Runs a schematic as the CLIs do, on a tree without pending changes. */
export async function run(tree: Tree, schematic: string, options: object = {}): Promise<SchematicResult> {
  const testRunner = runner();
  const messages: string[] = [];
  const subscription = testRunner.logger.subscribe(({ message }) => void messages.push(message));
  const before = snapshot(tree);
  const result = await testRunner.runSchematic(schematic, options, copyOf(tree));
  subscription.unsubscribe();
  const changed = result.files.filter((path) => before.get(path) !== result.read(path)?.toString());
  return {
    tree: result,
    messages: messages.join('\n'),
    changed,
    tasks: testRunner.tasks.map(({ name }) => name),
    taskOptions: testRunner.tasks.map((task) => task.options),
  };
}

/** Returns a tree of existing files, as on a disk, without pending changes. */
export function treeOf(files: Readonly<Record<string, string>>): Tree {
  const host = new virtualFs.SimpleMemoryHost();
  for (const [path, content] of Object.entries(files)) {
    host.write(normalize(`/${path}`), virtualFs.stringToFileBuffer(content)).subscribe();
  }
  return new HostTree(host);
}

function snapshot(tree: Tree): Map<string, string> {
  const files = new Map<string, string>();
  tree.visit((path) => void files.set(path, tree.read(path)?.toString() ?? ''));
  return files;
}

function copyOf(tree: Tree): Tree {
  return treeOf(Object.fromEntries(snapshot(tree)));
}
