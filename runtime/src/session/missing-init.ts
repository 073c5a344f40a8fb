import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import type { StartHooks } from './start-hooks';

const HOOKS_EXPECTED_WITHIN_MS = 10_000;

/** Warns if the application is not initialized, because its handlers then receive no messages. */
export async function warnOfMissingInit(
  startHooks: StartHooks,
  logger: LoggerService,
  stopping: AbortSignal,
): Promise<void> {
  await delay(HOOKS_EXPECTED_WITHIN_MS, undefined, { signal: stopping, ref: false }).catch(() => undefined);
  if (stopping.aborted || !startHooks.pending) return;
  logger.warn(
    'Handlers receive no messages yet, because the onModuleInit hooks of the application did not run. ' +
      'Call app.listen() or app.init() after startAllMicroservices().',
  );
}
