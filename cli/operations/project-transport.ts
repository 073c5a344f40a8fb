import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import type * as common from '@nestjs/common';
import type * as board from '@nest-jetstream/transport/board';
import type * as operations from '@nest-jetstream/transport/operations';
import { OperationError } from './errors';

const PACKAGE = '@nest-jetstream/transport';
const NEST = '@nestjs/core';
/** Texts of @nestjs/core, which bundlers and minifiers keep. */
const TEXTS_OF_NEST = ['Nest application successfully started', 'Nest microservice successfully started'];
const EXTERNAL = 'mark @nestjs/* and @nest-jetstream/transport as external in the bundler';

/**
 * Loads the operations of the transport that a project has installed.
 * @throws OperationError (`NO_TRANSPORT_PACKAGE`)
 */
export function projectOperations(folder: string): typeof operations {
  return loadSubpath(folder, 'operations') as typeof operations;
}

/**
 * Loads the board of the transport that a project has installed.
 * @throws OperationError (`NO_TRANSPORT_PACKAGE`)
 */
export function projectBoard(folder: string): typeof board {
  return loadSubpath(folder, 'board') as typeof board;
}

function loadSubpath(folder: string, subpath: string): unknown {
  const load = createRequire(join(folder, 'package.json'));
  try {
    const loaded: unknown = load(`${PACKAGE}/${subpath}`);
    // Standard output has results only.
    const { Logger } = createRequire(load.resolve(PACKAGE))('@nestjs/common') as typeof common;
    Logger.overrideLogger(false);
    return loaded;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const isOld = code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
    if (!isOld && code !== 'MODULE_NOT_FOUND') throw cause;
    const problem = isOld
      ? `The ${PACKAGE} that is installed in ${folder} is older than this command. Update it.`
      : `${PACKAGE} is not installed in ${folder}. Run the command in the folder of a service that uses it.`;
    throw new OperationError('NO_TRANSPORT_PACKAGE', problem, folder, { cause });
  }
}

/**
 * Checks that a built application finds Nest and the transport outside of its own file. A bundle of
 * several files is recognized by the transport only, when it connects.
 * @throws OperationError (`BUNDLED_NEST`, `NO_TRANSPORT_PACKAGE`)
 */
export function assertTransportFound(entry: string): void {
  const file = relative(process.cwd(), entry);
  const code = readFileSync(entry, 'utf8');
  if (TEXTS_OF_NEST.every((text) => code.includes(text))) {
    const problem = `${file} contains Nest itself, so its declarations cannot be read without starting it.`;
    throw new OperationError('BUNDLED_NEST', `${problem} If it is a bundle, ${EXTERNAL}.`, entry);
  }
  const { resolve } = createRequire(entry);
  try {
    for (const name of [NEST, PACKAGE]) resolve(name);
  } catch (cause) {
    const message =
      `${file} does not find ${NEST} and ${PACKAGE} in node_modules. Install its dependencies. ` +
      `If it is a bundle that contains them, ${EXTERNAL}.`;
    throw new OperationError('NO_TRANSPORT_PACKAGE', message, entry, { cause });
  }
}
