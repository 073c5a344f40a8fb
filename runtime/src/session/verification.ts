import { isDeepStrictEqual } from 'node:util';
import { ProvisioningMismatchError, type ProvisioningMismatch } from '../errors/provisioning.errors';

type Check<Context> = (context: Context) => Promise<readonly ProvisioningMismatch[]>;

/** Compares all declarations with the server, and reports all differences together. */
export class Verification<Context> {
  private readonly checks: Check<Context>[] = [];
  private passed: Promise<void> | undefined;
  private isPassed = false;

  /** Adds a check. The next {@link run} repeats all checks. */
  add(check: Check<Context>): void {
    this.checks.push(check);
    this.passed = undefined;
    this.isPassed = false;
  }

  get hasPassed(): boolean {
    return this.isPassed;
  }

  /**
   * Runs the checks, unless they have passed.
   * @throws ProvisioningMismatchError (`PROVISIONING_MISMATCH`)
   */
  async run(context: Context): Promise<void> {
    const passed = (this.passed ??= this.compare(context));
    await passed.catch((error: unknown) => {
      if (this.passed === passed) this.passed = undefined;
      throw error;
    });
    this.isPassed = this.passed === passed;
  }

  private async compare(context: Context): Promise<void> {
    const found = (await Promise.all(this.checks.map(async (check) => check(context)))).flat();
    // The handlers that need a declared dead letter stream check it too.
    const isFirst = (one: ProvisioningMismatch, at: number): boolean =>
      found.findIndex((other) => isDeepStrictEqual(other, one)) === at;
    const mismatches = found.filter(isFirst);
    if (mismatches.length > 0) throw new ProvisioningMismatchError(mismatches);
  }
}
