import { HIDDEN, InvalidOptionError } from '../errors/configuration.errors';
import type { OptionProblems } from '../errors/option-problems';

/** Collects the problems of `connectionOptions`. */
export class ConnectionProblems {
  constructor(private readonly problems: OptionProblems) {}

  /** Adds an invalid option if `isInvalid`. */
  refuse(isInvalid: boolean, option: string, value: unknown, remedy: string): void {
    this.problems.refuse(isInvalid, pathOf(option), value, remedy);
  }

  /** Adds two options that cannot be combined if `areBothSet`. */
  conflict(areBothSet: boolean, option: string, other: string, reason: string): void {
    if (areBothSet) this.problems.add(InvalidOptionError.conflict(pathOf(option), pathOf(other), reason, HIDDEN));
  }
}

function pathOf(option: string): string {
  return `connectionOptions.${option}`;
}
