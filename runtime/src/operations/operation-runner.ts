import type { DynamicModule, Type } from '@nestjs/common';
import type { SessionOptions } from '../session/create-session';
import { describeApplication, type DescribeOptions } from './describe-application';
import type { Operation, OperationTarget } from './operation-target';
import { OPERATIONS, type OperationName, type OptionsOf, type ProgressOf, type ResultOf } from './operations';
import { operationsSession } from './operations-session';
import { jsonLines, outputPieces } from './output-pieces';

/** Result of an operation, and its lines for a terminal. */
export interface OperationAnswer<Name extends OperationName> {
  readonly result: ResultOf<Name>;
  readonly text: readonly string[];
}

/**
 * Runs operations on the connections of an application, or on one connection. The connections are
 * opened by the first operation that needs them, and change nothing on the server. Close the runner
 * at the end.
 */
export class OperationRunner {
  private readonly closers: (() => Promise<void>)[] = [];
  private readonly onClose = (close: () => Promise<void>): void => void this.closers.push(close);

  private constructor(private readonly target: OperationTarget) {
    for (const { session } of target.connections) session.connection.retain(this);
  }

  /**
   * Uses the connections of an application, without starting it. Throws the errors of
   * {@link describeApplication}.
   */
  static async ofApplication(
    root: Type<unknown> | DynamicModule,
    options: DescribeOptions = {},
  ): Promise<OperationRunner> {
    const described = await describeApplication(root, options);
    return new OperationRunner({ connections: described.map((declared) => ({ session: declared.session, declared })) });
  }

  /**
   * Uses one connection.
   * @throws InvalidOptionError (`INVALID_OPTION`)
   */
  static ofConnection(
    options: Pick<SessionOptions, 'connectionOptions' | 'jetStreamOptions'>,
    { timeoutMs }: DescribeOptions = {},
  ): OperationRunner {
    return new OperationRunner({ connections: [{ session: operationsSession(options, timeoutMs) }] });
  }

  /**
   * Runs an operation. Throws the errors of its function.
   * @param report receives its progress
   * @param signal stops it at the next safe point, if it supports that
   */
  async run<Name extends OperationName>(
    name: Name,
    options: OptionsOf<Name>,
    report: (progress: ProgressOf<Name>) => void = () => undefined,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<OperationAnswer<Name>> {
    // TypeScript does not relate the members of a union of operations.
    const operation = OPERATIONS[name] as unknown as Operation<OptionsOf<Name>, ResultOf<Name>, ProgressOf<Name>>;
    const result = await operation.run(this.target, options, { report, signal, onClose: this.onClose });
    return {
      result,
      // Only when it is read, because lines of a list need more memory than its result.
      get text() {
        return operation.text(result);
      },
    };
  }

  /**
   * Runs an operation, and writes its lines or its JSON in pieces, because a list may have
   * megabytes. Throws the errors of its function.
   */
  async write<Name extends OperationName>(
    name: Name,
    options: OptionsOf<Name>,
    { json, write }: { readonly json: boolean; readonly write: (piece: string) => Promise<void> | void },
  ): Promise<void> {
    const answer = await this.run(name, options);
    for (const piece of outputPieces(json ? jsonLines(answer.result) : answer.text)) await write(piece);
  }

  /** Runs an operation that another subpath provides, such as that of the board. */
  async runOther<Options, Result>(operation: Operation<Options, Result>, options: Options): Promise<Result> {
    const { onClose } = this;
    return operation.run(this.target, options, {
      report: () => undefined,
      signal: new AbortController().signal,
      onClose,
    });
  }

  /** Ends work that continues after its operation, and closes the connections. */
  async close(): Promise<void> {
    await Promise.allSettled(this.closers.map(async (close) => close()));
    await Promise.all(this.target.connections.map(async ({ session }) => session.connection.release(this)));
  }
}
