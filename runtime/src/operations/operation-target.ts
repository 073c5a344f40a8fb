import { InvalidOptionError } from '../errors/configuration.errors';
import type { JetStreamSession } from '../session/jetstream-session';
import type { DescribedConnection } from './describe-application';

/** A connection that operations use. */
export interface OperatedConnection {
  readonly session: JetStreamSession;
  /** Declarations of the application. Undefined for a connection without an application. */
  readonly declared?: DescribedConnection;
}

/** Connections that operations use: those of an application, or a single one without a name. */
export interface OperationTarget {
  readonly connections: readonly OperatedConnection[];
}

/** Options of operations that use one connection. */
export interface ConnectionChoice {
  /** Name of the connection. Default: the default connection, or the only one. */
  readonly connection?: string | undefined;
}

/** Functions of the caller of an operation. */
export interface OperationRun<Progress> {
  readonly report: (progress: Progress) => void;
  /** Aborted if the user stops the operation. */
  readonly signal: AbortSignal;
  /** Registers a function that ends work of the operation before the connections are closed. */
  readonly onClose: (close: () => Promise<void>) => void;
}

/**
 * An operation and the lines that a terminal shows for its result. Options, results and progress
 * are JSON, because they pass between processes.
 */
export interface Operation<Options, Result, Progress = never> {
  run(target: OperationTarget, options: Options, run: OperationRun<Progress>): Promise<Result>;
  text(result: Result): readonly string[];
}

/** Makes an operation from a function that uses one session. */
export function onConnection<Options, Result, Progress = never>(
  run: (session: JetStreamSession, options: Options, run: OperationRun<Progress>) => Promise<Result>,
  text: (result: Result) => readonly string[],
): Operation<Options & ConnectionChoice, Result, Progress> {
  return {
    run: async (target, { connection, ...options }, running) =>
      run(chosenConnection(target, connection).session, options as unknown as Options, running),
    text,
  };
}

/**
 * Returns the connection with a name, or the default connection.
 * @throws InvalidOptionError (`INVALID_OPTION`)
 */
export function chosenConnection({ connections }: OperationTarget, name: string | undefined): OperatedConnection {
  const [only] = connections.length === 1 && name === undefined ? connections : [];
  const chosen = only ?? connections.find(({ declared }) => declared?.connection === name);
  if (chosen) return chosen;
  const names = connections.flatMap(({ declared }) => declared?.connection ?? []).map((each) => `'${each}'`);
  const remedy = names.length === 0 ? 'Omit it' : `Pass one of ${names.join(', ')}`;
  const problem =
    name === undefined ? 'is required, because no connection is the default' : `'${name}' is not registered`;
  throw InvalidOptionError.of(`Option 'connection' ${problem}. ${remedy}.`, name);
}
