import type { CanActivate, DynamicModule, ForwardReference, Type } from '@nestjs/common';
import { assertConnectionName } from '../consumer/from-connection';
import { BoardUnguardedError } from '../errors/board.errors';
import { InvalidOptionError } from '../errors/configuration.errors';
import { assertOptionsObject, typeOf } from '../errors/options-object';

/** Options of `JetStreamBoard.forRoot`. Set `guards` or `open`. */
export interface JetStreamBoardOptions {
  /** Path of the board, after the global prefix. Default: `'jetstream'`. */
  path?: string;
  /** Guards of all pages and actions, as in `@UseGuards`. */
  guards?: readonly (Type<CanActivate> | CanActivate)[];
  /** Modules with the providers that the guards inject. Default: none. */
  imports?: readonly (Type<unknown> | DynamicModule | Promise<DynamicModule> | ForwardReference<() => unknown>)[];
  /**
   * Reason why the board needs no guards of its own, such as `'APP_GUARD protects all routes'`. It
   * is logged at startup.
   */
  open?: string;
  /**
   * Lets users pause, resume and replay consumers, and redrive and purge dead letters. Without it,
   * these routes do not exist. Default: false.
   */
  actions?: boolean;
  /** Shows the bodies of dead letters, at most 64 KB of each. Default: false. */
  bodies?: boolean;
  /** Returns the name of the user of a request, for the log of actions. Default: no name. */
  actor?: (request: never) => string | undefined;
  /** Name of the connection. Default: the connection without a name. */
  connection?: string;
}

/** Checked options of a board. */
export interface CheckedBoardOptions {
  readonly path: string;
  readonly guards: readonly (Type<CanActivate> | CanActivate)[];
  readonly imports: NonNullable<JetStreamBoardOptions['imports']>;
  readonly open: string | undefined;
  readonly actions: boolean;
  readonly bodies: boolean;
  readonly actor: ((request: unknown) => string | undefined) | undefined;
  readonly connection: string | undefined;
}

const KNOWN = {
  path: 'string',
  guards: 'object',
  imports: 'object',
  open: 'string',
  actions: 'boolean',
  bodies: 'boolean',
  actor: 'function',
  connection: 'string',
} as const satisfies Record<keyof JetStreamBoardOptions, string>;
const EXAMPLES = { string: 'a string', object: 'an array', boolean: 'true or false', function: 'a function' };

/**
 * Checks the options of a board.
 * @throws InvalidOptionError (`INVALID_OPTION`), BoardUnguardedError (`BOARD_UNGUARDED`)
 */
export function checkedBoardOptions(options: JetStreamBoardOptions): CheckedBoardOptions {
  assertOptionsObject('JetStreamBoard.forRoot()', options, '{ guards: [AdminGuard] }');
  for (const [name, value] of Object.entries(options)) checkType(name, value);
  const { path = 'jetstream', guards = [], imports = [], open, actions = false, bodies = false } = options;
  const { actor, connection } = options;
  if (connection !== undefined) assertConnectionName(connection);
  const isOpen = open !== undefined && open.trim() !== '';
  if (guards.length === 0 && !isOpen) throw new BoardUnguardedError(path);
  if (guards.length > 0 && isOpen)
    throw InvalidOptionError.conflict('guards', 'open', 'open says that the board has no guards', open);
  const read = actor as CheckedBoardOptions['actor'];
  return { path, guards, imports, open, actions, bodies, actor: read, connection };
}

function checkType(name: string, value: unknown): void {
  if (value === undefined) return;
  if (!Object.hasOwn(KNOWN, name))
    throw InvalidOptionError.unknown(name, value, Object.keys(KNOWN), { owner: 'JetStreamBoard.forRoot()' });
  const type = KNOWN[name as keyof typeof KNOWN];
  const isRight = type === 'object' ? Array.isArray(value) : typeof value === type;
  if (!isRight)
    throw InvalidOptionError.of(
      `Option '${name}' of JetStreamBoard.forRoot() must be ${EXAMPLES[type]}, but it is ${typeOf(value)}.`,
      value,
    );
}
