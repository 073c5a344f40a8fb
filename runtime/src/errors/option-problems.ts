import { InvalidOptionError, InvalidOptionsError } from './configuration.errors';
import { NatsJetStreamError } from './nats-jetstream.error';

/** Collects the problems of options, so that all of them are reported together. */
export class OptionProblems {
  private readonly found: NatsJetStreamError[] = [];

  /**
   * Returns the result of a check. Adds its NatsJetStreamError and returns undefined if it fails.
   */
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

  /** Adds an invalid option if `isInvalid`. */
  refuse(isInvalid: boolean, option: string, value: unknown, remedy: string): void {
    if (isInvalid) this.found.push(new InvalidOptionError(option, value, remedy));
  }

  /** @throws the problem if there is one, or InvalidOptionsError (`INVALID_OPTIONS`) for several */
  throwIfAny(): void {
    // An invalid default of all consumers is found for each handler.
    const distinct = [...new Map(this.found.map((error) => [error.message, error])).values()];
    const [first, ...others] = distinct;
    if (!first) return;
    if (others.length === 0) throw first;
    throw new InvalidOptionsError(distinct);
  }
}
