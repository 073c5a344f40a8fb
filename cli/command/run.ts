import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SchematicError } from '../../schematics/shared/errors';
import { readCollection, type Schematic } from '../runner/collection';
import type { FileChange } from '../runner/disk-tree';
import { runSchematic, type SchematicMessage, type SchematicRun, type SchematicTask } from '../runner/run-schematic';
import { installPackages } from './install-packages';
import { jsonReport, textReport } from './report';

/** Folder and output of a command. */
export interface CommandEnvironment {
  readonly root: string;
  readonly print: (line: string) => void;
  readonly warn: (line: string) => void;
}

export interface CommonOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly prompt: boolean;
  readonly [option: string]: unknown;
}

/** A schematic to be run with the options of a command line. */
interface SchematicRequest {
  readonly schematic: Schematic;
  readonly options: Readonly<Record<string, unknown>>;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly prompt: boolean;
}

/**
 * Runs a schematic, reports its changes and returns them. Rejects with its error, unless the JSON
 * report contains the error.
 */
export async function runFromCommandLine(
  environment: CommandEnvironment,
  request: SchematicRequest,
): Promise<readonly FileChange[]> {
  const { schematic, dryRun, json } = request;
  const { root, print, warn } = environment;
  const messages: SchematicMessage[] = [];
  let changes: readonly FileChange[] = [];
  const say = (message: SchematicMessage): void => {
    messages.push(message);
    if (!json) (message.level === 'info' ? print : warn)(message.text);
  };
  try {
    assertProject(root);
    // Schematics ask the questions that depend on the project.
    const interactive = request.prompt && !json;
    const options = { ...request.options, interactive };
    const outcome = await runSchematic({ root, schematic, options, dryRun, say });
    ({ changes } = outcome);
    if (!json) textReport(changes, dryRun).forEach(print);
    if (!dryRun) for (const task of outcome.tasks) await runTask(task, { root, json, say });
    if (json) print(jsonReport({ schematic: schematic.name, dryRun, changes, messages }));
  } catch (error) {
    if (!json) throw error;
    print(jsonReport({ schematic: schematic.name, dryRun, changes, messages, error }));
    process.exitCode = 1;
  }
  return changes;
}

/** @throws SchematicError (`PROJECT_NOT_FOUND`) */
export function assertProject(root: string): void {
  if (existsSync(join(root, 'package.json'))) return;
  const message = 'This folder has no package.json. Run the command in the root of a Nest project.';
  throw new SchematicError('PROJECT_NOT_FOUND', message);
}

interface TaskEnvironment extends Pick<SchematicRun, 'root' | 'say'> {
  readonly json: boolean;
}

/** Runs a task that a schematic has scheduled. */
async function runTask(task: SchematicTask, { root, json, say }: TaskEnvironment): Promise<void> {
  if (task.name === 'node-package') return installPackages(root, task.options, json ? 'ignore' : 'inherit');
  const { name, options } = task.options;
  const schematic = readCollection().find((each) => each.name === name);
  if (!schematic) throw new Error(`Task '${name}' is not a schematic of the collection.`);
  await runSchematic({ root, schematic, options, dryRun: false, say });
}
