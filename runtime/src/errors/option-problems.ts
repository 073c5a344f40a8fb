import { InvalidOptionError, InvalidOptionsError } from './configuration.errors';
import { NatsJetStreamError } from './nats-jetstream.error';

/** Collects the problems of options, so that one start shows all of them. */
export class OptionProblems {
  private readonly found: NatsJetStreamError[] = [];

  /** Returns the result of a check, or undefined if it threw one of our errors. */
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

  add(error: NatsJetStreamError): void {
    this.found.push(error);
  }

  /** Refuses an option if `wrong`. */
  refuse(wrong: boolean, option: string, value: unknown, remedy: string): void {
    if (wrong) this.found.push(new InvalidOptionError(option, value, remedy));
  }

  /** @throws the only problem, or InvalidOptionsError (`INVALID_OPTIONS`) with all of several. */
  throwIfAny(): void {
    // An invalid default of all consumers is found once for each handler.
    const distinct = [...new Map(this.found.map((error) => [error.message, error])).values()];
    const [first, ...others] = distinct;
    if (!first) return;
    if (others.length === 0) throw first;
    throw new InvalidOptionsError(distinct);
  }
}
