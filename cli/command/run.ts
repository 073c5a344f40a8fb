import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SchematicError } from '../../schematics/shared/errors';
import type { SchematicRequest } from './schematic-request';
import { runSchematic, type SchematicMessage } from '../runner/run-schematic';
import { answersFor } from './ask-for-options';
import { installPackages } from './install-packages';
import { jsonReport, textReport } from './report';

/** Where a command works, and where it prints. */
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

/**
 * Runs a schematic and says what it did; rejects with its error, unless the caller wants JSON,
 * which has the error too.
 */
export async function runFromCommandLine(environment: CommandEnvironment, request: SchematicRequest): Promise<void> {
  const { schematic, dryRun, json } = request;
  const { root, print, warn } = environment;
  const messages: SchematicMessage[] = [];
  const say = (message: SchematicMessage): void => {
    messages.push(message);
    if (!json) (message.level === 'info' ? print : warn)(message.text);
  };
  try {
    if (!existsSync(join(root, 'package.json'))) {
      throw new SchematicError('PROJECT_NOT_FOUND', 'No package.json here: run this in the root of a Nest project.');
    }
    // Schematics ask by themselves what depends on the project.
    const interactive = request.prompt && !json;
    const options = { ...request.options, ...(await answersFor(request)), interactive };
    const { changes, needsInstall } = await runSchematic({ root, schematic, options, dryRun, say });
    if (json) print(jsonReport({ schematic: schematic.name, dryRun, changes, messages }));
    else textReport(changes, dryRun).forEach(print);
    if (needsInstall && !dryRun) await installPackages(root, json ? 'ignore' : 'inherit');
  } catch (error) {
    if (!json) throw error;
    print(jsonReport({ schematic: schematic.name, dryRun, changes: [], messages, error }));
    process.exitCode = 1;
  }
}
