import { readCollection } from '../runner/collection';
import { runSchematic, type SchematicRun, type SchematicTask } from '../runner/run-schematic';
import { installPackages } from './install-packages';

interface TaskEnvironment extends Pick<SchematicRun, 'root' | 'say'> {
  readonly json: boolean;
}

/** Runs a task that a schematic has scheduled. */
export async function runTask(task: SchematicTask, { root, json, say }: TaskEnvironment): Promise<void> {
  if (task.name === 'node-package') return installPackages(root, task.options, json ? 'ignore' : 'inherit');
  const { name, options } = task.options;
  const schematic = readCollection().find((each) => each.name === name);
  if (!schematic) throw new Error(`Task '${name}' is not a schematic of the collection.`);
  await runSchematic({ root, schematic, options, dryRun: false, say });
}
