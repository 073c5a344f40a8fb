import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { PATTERN_EXTRAS_METADATA } from '@nestjs/microservices/constants';
import { connectionOf } from '../consumer/from-connection';
import { handlersOfClass } from '../consumer/marked-handlers';
import type { JetStreamSession } from '../session/jetstream-session';

const START_EXPECTED_WITHIN_MS = 10_000;

/** Warns if the application is not initialized, because its handlers then receive no messages. */
export async function warnOfMissingInit(
  { startHooks }: JetStreamSession,
  logger: LoggerService,
  stopping: AbortSignal,
): Promise<void> {
  await untilExpected(stopping);
  if (stopping.aborted || !startHooks.pending) return;
  logger.warn(
    'Handlers receive no messages yet, because the onModuleInit hooks of the application did not run. ' +
      'Call app.listen() or app.init() after startAllMicroservices().',
  );
}

/** Warns if an application has handlers of a connection, but started no server for them. */
export async function warnOfMissingServer(
  session: JetStreamSession,
  modules: ModulesContainer,
  connection: string | undefined,
  logger: LoggerService,
  stopping: AbortSignal,
): Promise<void> {
  const labels = handlersOf(modules, connection);
  if (labels.length === 0) return;
  await untilExpected(stopping);
  if (stopping.aborted || session.hasServer) return;
  const server = connection === undefined ? 'NatsJetStreamServer' : `getJetStreamServerToken('${connection}')`;
  logger.warn(
    `No messages are received for ${labels.join(', ')}, because no server was started. ` +
      `Call app.connectMicroservice({ strategy: app.get(${server}) }), and then app.startAllMicroservices().`,
  );
}

async function untilExpected(stopping: AbortSignal): Promise<void> {
  await delay(START_EXPECTED_WITHIN_MS, undefined, { signal: stopping, ref: false }).catch(() => undefined);
}

/** Lists the handlers in the controllers of an application that belong to a connection. */
function handlersOf(modules: ModulesContainer, connection: string | undefined): string[] {
  const labels: string[] = [];
  for (const { controllers } of modules.values()) {
    for (const { metatype } of controllers.values()) {
      if (typeof metatype !== 'function') continue;
      const prototype = metatype.prototype as object;
      for (const { method, mark } of handlersOfClass(prototype)) {
        const handler = Reflect.get(prototype, method) as object;
        const extras = (Reflect.getMetadata(PATTERN_EXTRAS_METADATA, handler) ?? {}) as Readonly<
          Record<string, unknown>
        >;
        if (connectionOf(extras) === connection) labels.push(`${mark.className}.${mark.method}`);
      }
    }
  }
  return labels;
}
