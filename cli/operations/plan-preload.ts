// Loaded before the built application by `nest-jetstream plan`. Nest then creates no application:
// this module reads the declarations of the application, and sends the plan to the command line.
import { createRequire } from 'node:module';
import type * as operations from '@nest-jetstream/transport/operations';
import type { DynamicModule, Type } from '@nestjs/common';
import type * as common from '@nestjs/common';
import type * as core from '@nestjs/core';
import { READS_APPLICATION, type PlanAnswer } from './plan-answer';

const CREATORS = ['create', 'createMicroservice', 'createApplicationContext'] as const;
type Creator = (root: Type<unknown> | DynamicModule) => Promise<never>;

// Resolves modules as the application does, so that both get the same ones.
const requireFromApplication = createRequire(process.argv[1] ?? process.cwd());
const { NestFactory } = requireFromApplication('@nestjs/core') as typeof core;
const factory = Object.getPrototypeOf(NestFactory) as Record<(typeof CREATORS)[number], unknown>;
const originals = Object.fromEntries(CREATORS.map((name) => [name, factory[name]]));
for (const name of CREATORS) factory[name] = planInstead satisfies Creator;

/** Never resolves, so that the rest of the application does not run. */
async function planInstead(root: Type<unknown> | DynamicModule): Promise<never> {
  Object.assign(factory, originals);
  // The transport may connect from here on.
  delete process.env[READS_APPLICATION];
  const answer = await plan(root);
  process.send?.(answer, () => process.exit());
  return new Promise<never>(() => undefined);
}

async function plan(root: Type<unknown> | DynamicModule): Promise<PlanAnswer> {
  try {
    const { Logger } = requireFromApplication('@nestjs/common') as typeof common;
    // A start logs its steps, and a plan must not.
    Logger.overrideLogger(false);
    const { planStart, planText } = requireFromApplication('@nest-jetstream/transport/operations') as typeof operations;
    const connections = await planStart(root);
    return { connections, text: planText(connections) };
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    const message = error instanceof Error ? error.message : String(error);
    return { error: { code: typeof code === 'string' ? code : 'UNEXPECTED', message } };
  }
}
