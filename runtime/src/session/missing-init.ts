import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import type { StartHooks } from './start-hooks';

const HOOKS_EXPECTED_WITHIN_MS = 10_000;

/** An application that is never initialized would handle nothing, without a word. */
export async function warnOfMissingInit(
  startHooks: StartHooks,
  logger: LoggerService,
  stopping: AbortSignal,
): Promise<void> {
  await delay(HOOKS_EXPECTED_WITHIN_MS, undefined, { signal: stopping, ref: false }).catch(() => undefined);
  if (stopping.aborted || !startHooks.pending) return;
  logger.warn(
    `Handlers wait for the application's onModuleInit hooks: call app.listen() or app.init() after startAllMicroservices().`,
  );
}
