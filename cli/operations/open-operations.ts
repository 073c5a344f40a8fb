import { hasConnectionFlag } from '../nats/connection-flags';
import { ApplicationProcess } from './application-process';
import { findBuiltEntry } from './built-entry';
import { OperationError } from './errors';
import type { ApplicationFlags, OperationFlags } from './operation-flags';
import type { Operations } from './operations';
import { projectBoard, projectOperations } from './project-transport';
import { workspaceOf } from './workspace';

/**
 * Opens the connections of the built application.
 * @throws OperationError, ApplicationError; SchematicError (`PROJECT_NOT_FOUND`)
 */
export async function openApplication(flags: ApplicationFlags): Promise<Operations> {
  const built = findBuiltEntry(process.cwd(), flags);
  if (built.warning !== undefined) process.stderr.write(`warning: ${built.warning}\n`);
  return ApplicationProcess.open(built, timeoutOf(flags));
}

/**
 * Opens the connection of the flags, or the connections of the built application. Without both, the
 * connection of NATS_URL.
 * @throws OperationError, ApplicationError; SchematicError (`INVALID_OPTION`, `PROJECT_NOT_FOUND`)
 */
export async function openOperations(flags: OperationFlags): Promise<Operations> {
  if (hasConnectionFlag(flags)) return openConnection(flags);
  try {
    return await openApplication(flags);
  } catch (error) {
    const { natsUrl } = await import('../nats/connection-settings.js');
    const isUnbuilt = error instanceof OperationError && error.code === 'NOT_BUILT' && flags.entry === undefined;
    if (!isUnbuilt || natsUrl(workspaceOf(process.cwd())) === undefined) throw error;
    return openConnection(flags);
  }
}

async function openConnection(flags: OperationFlags): Promise<Operations> {
  const workspace = workspaceOf(process.cwd());
  const { OperationRunner } = projectOperations(workspace);
  // Loaded on use, because the other commands do not need nats.js.
  const { connectionSettings } = await import('../nats/connection-settings.js');
  const { nats, jetStream } = connectionSettings(flags, workspace);
  const connectionOptions = { ...nats, name: 'nest-jetstream' };
  const runner = OperationRunner.ofConnection({ connectionOptions, jetStreamOptions: jetStream }, timeoutOf(flags));
  return {
    run: runner.run.bind(runner),
    print: async (name, operation, { json = false }) =>
      runner.write(name, operation, { json, write: (piece) => void process.stdout.write(piece) }),
    page: async (request) => runner.runOther(projectBoard(workspace).boardPage, request),
    close: async () => runner.close(),
  };
}

function timeoutOf({ timeout }: ApplicationFlags): { timeoutMs?: number } {
  return timeout === undefined ? {} : { timeoutMs: timeout };
}
