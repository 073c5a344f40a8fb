import { InvalidOptionError, InvalidOptionsError } from './configuration.errors';
import { NatsJetStreamError } from './nats-jetstream.error';

/** Collects what is wrong with options, so that one start shows all of it. */
export class OptionProblems {
  private readonly found: NatsJetStreamError[] = [];

  /** The result of a check, or undefined when it threw one of our errors. */
  try<T>(check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      if (error instanceof InvalidOptionsError) this.found.push(...error.errors);
      else if (error instanceof NatsJetStreamError) this.found.push(error);
      else throw error;
      return undefined;
    }
  }

  /** Refuses an option when `wrong`. */
  refuse(wrong: boolean, option: string, value: unknown, remedy: string): void {
    if (wrong) this.found.push(new InvalidOptionError(option, value, remedy));
  }

  /** @throws the one that was found, or InvalidOptionsError (`INVALID_OPTIONS`) with each of several. */
  throwIfAny(): void {
    // A default that is wrong is wrong for each handler.
    const distinct = [...new Map(this.found.map((error) => [error.message, error])).values()];
    const [first, ...others] = distinct;
    if (!first) return;
    if (others.length === 0) throw first;
    throw new InvalidOptionsError(distinct);
  }
}
