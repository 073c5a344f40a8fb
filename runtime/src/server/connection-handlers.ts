import type { Logger } from '@nestjs/common';
import { assertConnectionName, connectionOf } from '../consumer/from-connection';
import { CONSUMER_MARK, type ConsumerMark } from '../consumer/jetstream-consumer.decorator';
import { UnknownConnectionError } from '../errors/registration.errors';

type Extras = Readonly<Record<string, unknown>>;

/**
 * Servers by the extras of a handler. Nest offers each handler to every server of its application,
 * with the same extras.
 */
const offered = new WeakMap<Extras, Set<ConnectionHandlers>>();

/** Separates the handlers of a server from those of other connections. */
export class ConnectionHandlers {
  private readonly others: { readonly label: string; readonly extras: Extras }[] = [];
  private readonly seen = new Set<Extras>();

  /**
   * @param application returns the application of the server, or undefined if it imports no module
   * of this package
   * @throws InvalidOptionError (`INVALID_OPTION`)
   */
  constructor(
    private readonly connection: string | undefined,
    private readonly application: () => object | undefined,
  ) {
    if (connection !== undefined) assertConnectionName(connection);
  }

  isOwn(pattern: string, extras: Extras): boolean {
    this.seen.add(extras);
    offered.set(extras, (offered.get(extras) ?? new Set()).add(this));
    if (connectionOf(extras) === this.connection) return true;
    const mark = extras[CONSUMER_MARK] as ConsumerMark | undefined;
    this.others.push({ label: mark ? `${mark.className}.${mark.method}` : `The handler of '${pattern}'`, extras });
    return false;
  }

  /**
   * Checks that each handler of another connection has a server. Logs a warning for a plain
   * handler, which may belong to another transport.
   * @throws UnknownConnectionError (`UNKNOWN_CONNECTION`)
   */
  assertNoneLost(logger: Logger): void {
    for (const { label, extras } of this.others) {
      const served = new Set(this.beside(extras).map(({ connection }) => connection));
      const connection = connectionOf(extras);
      if (served.has(connection)) continue;
      const names = [...served].filter((name) => name !== undefined);
      const lost = new UnknownConnectionError(label, connection, names);
      if (connection !== undefined || CONSUMER_MARK in extras) throw lost;
      logger.warn(`${lost.message} Ignore this if another transport handles it.`);
    }
  }

  /** Removes the handlers when the server closes. */
  end(): void {
    for (const extras of this.seen) offered.get(extras)?.delete(this);
  }

  /**
   * Lists the servers of the same application that were offered a handler. Servers without a known
   * application count as one application.
   */
  private beside(extras: Extras): readonly ConnectionHandlers[] {
    const application = this.application();
    return [...(offered.get(extras) ?? [])].filter((other) => other.application() === application);
  }
}
