// Loaded before the built application by commands such as `nest-jetstream plan`. Nest then creates
// no application: this module reads its declarations, and runs operations for the command line.
import { createRequire } from 'node:module';
import type * as board from '@nest-jetstream/transport/board';
import type * as operations from '@nest-jetstream/transport/operations';
import type { DynamicModule, Type } from '@nestjs/common';
import type * as common from '@nestjs/common';
import type * as core from '@nestjs/core';
import {
  BOARD_PAGE,
  READS_APPLICATION,
  type OperationRequest,
  type ProcessFailure,
  type ProcessMessage,
  type ProcessOptions,
  type StopRequest,
} from './messages';
import type { BoardPageRequest } from './operations';

const CREATORS = ['create', 'createMicroservice', 'createApplicationContext'] as const;
type Creator = (root: Type<unknown> | DynamicModule) => Promise<never>;

// Resolves modules as the application does, so that both get the same ones.
const requireFromApplication = createRequire(process.argv[1] ?? process.cwd());
const { NestFactory } = requireFromApplication('@nestjs/core') as typeof core;
const factory = Object.getPrototypeOf(NestFactory) as Record<(typeof CREATORS)[number], unknown>;
const originals = Object.fromEntries(CREATORS.map((name) => [name, factory[name]]));
for (const name of CREATORS) factory[name] = operateInstead satisfies Creator;

let runner: operations.OperationRunner | undefined;
const running = new Map<number, AbortController>();
process.once('disconnect', () => void close());
// A file that creates no application ends by itself.
process.channel?.unref();
// Ctrl-C and the signals of process managers reach this process too. The command line decides what
// they mean, and ends this process by its end of the channel.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

/** Never resolves, so that the rest of the application does not run. */
async function operateInstead(root: Type<unknown> | DynamicModule): Promise<never> {
  Object.assign(factory, originals);
  const options = JSON.parse(process.env[READS_APPLICATION] ?? '{}') as ProcessOptions;
  // The transport may connect from here on.
  delete process.env[READS_APPLICATION];
  try {
    const { Logger } = requireFromApplication('@nestjs/common') as typeof common;
    // A start logs its steps, and an operation must not.
    Logger.overrideLogger(false);
    const { OperationRunner } = requireFromApplication('@nest-jetstream/transport/operations') as typeof operations;
    runner = await OperationRunner.ofApplication(root, options);
    process.on('message', (request: OperationRequest | StopRequest) => {
      if ('stop' in request) running.get(request.id)?.abort();
      else void answer(request);
    });
    process.channel?.ref();
    send({ ready: true });
  } catch (error) {
    send({ error: failureOf(error) });
  }
  return new Promise<never>(() => undefined);
}

async function answer(request: OperationRequest): Promise<void> {
  const { id, operation, options } = request;
  const stopping = new AbortController();
  running.set(id, stopping);
  try {
    const { signal } = stopping;
    send({ id, answer: await (operation === BOARD_PAGE ? page(options) : run(request, signal)) });
  } catch (error) {
    send({ id, error: failureOf(error) });
  } finally {
    running.delete(id);
  }
}

async function run({ id, operation, options, output }: OperationRequest, signal: AbortSignal): Promise<unknown> {
  if (output !== undefined) {
    await write({ id, operation, options, output });
    return null;
  }
  const call = runner?.run.bind(runner) as (...values: unknown[]) => Promise<unknown>;
  return call(operation, options, (progress: unknown) => send({ id, progress }), signal);
}

async function write({ id, operation, options, output }: OperationRequest): Promise<void> {
  const call = runner?.write.bind(runner) as (...values: unknown[]) => Promise<void>;
  await call(operation, options, {
    json: output === 'json',
    // Waits, so that only one piece is on its way.
    write: async (progress: string) => new Promise<void>((sent) => send({ id, progress }, sent)),
  });
}

async function page(options: unknown): Promise<unknown> {
  const { boardPage } = requireFromApplication('@nest-jetstream/transport/board') as typeof board;
  return runner?.runOther(boardPage, options as BoardPageRequest);
}

async function close(): Promise<void> {
  await runner?.close().catch(() => undefined);
  process.exit();
}

function send(message: ProcessMessage, sent: () => void = () => undefined): void {
  // Without a callback, a failure would be an uncaught error. The command line has then ended.
  process.send?.(message, () => sent());
}

function failureOf(error: unknown): ProcessFailure {
  const { code } = error as { readonly code?: unknown };
  const message = error instanceof Error ? error.message : String(error);
  return { code: typeof code === 'string' ? code : 'UNEXPECTED', message };
}
