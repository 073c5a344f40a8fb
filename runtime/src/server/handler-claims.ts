import { DuplicateDurableError, InvalidOptionError } from '../errors/configuration.errors';

/** What only one handler may have. */
export class HandlerClaims {
  private readonly durables = new Map<string, string>();
  private readonly subjects = new Map<string, string>();

  durable(name: string, label: string): void {
    const other = this.durables.get(name);
    if (other) throw new DuplicateDurableError(name, other, label);
    this.durables.set(name, label);
  }

  deliverSubject(subject: string | undefined, label: string): void {
    const other = subject === undefined ? undefined : this.subjects.get(subject);
    if (subject === undefined) return;
    if (other) {
      const remedy = `${other} and ${label} would receive each other's messages: use deliverTo, a prefix`;
      throw new InvalidOptionError('deliverToSubject', subject, remedy);
    }
    this.subjects.set(subject, label);
  }
}
