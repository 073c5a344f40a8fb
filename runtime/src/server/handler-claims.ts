import { DuplicateDurableError, InvalidOptionError } from '../errors/configuration.errors';

/** Names and subjects that only one handler may use. */
export class HandlerClaims {
  private readonly durables = new Map<string, string>();
  private readonly subjects = new Map<string, string>();

  /** @throws DuplicateDurableError (`DUPLICATE_DURABLE`) */
  durable(name: string, label: string): void {
    const other = this.durables.get(name);
    if (other) throw new DuplicateDurableError(name, other, label);
    this.durables.set(name, label);
  }

  /** @throws InvalidOptionError (`INVALID_OPTION`) */
  deliverSubject(subject: string | undefined, label: string): void {
    if (subject === undefined) return;
    const other = this.subjects.get(subject);
    if (other) {
      const remedy = `${other} and ${label} would receive each other's messages. Use deliverTo, which is a prefix`;
      throw new InvalidOptionError('deliverToSubject', subject, remedy);
    }
    this.subjects.set(subject, label);
  }
}
