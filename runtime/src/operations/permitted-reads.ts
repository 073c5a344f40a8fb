import { markLogged, permissionDenied } from '../errors/permission.errors';

/** Reads that the user of the connection may not be allowed to make. */
export class PermittedReads {
  private readonly subjects = new Set<string>();

  /** Subjects that the user may not publish to. */
  get denied(): readonly string[] {
    return [...this.subjects].toSorted();
  }

  /** Returns undefined if the user lacks a permission, which {@link denied} then has. */
  async attempt<Result>(read: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await read();
    } catch (error) {
      const denied = permissionDenied(error);
      if (!denied) throw error;
      // The caller reports it.
      markLogged(error);
      this.subjects.add(denied.value as string);
      return undefined;
    }
  }

  /** True if the user is known to lack the permission. Another request would be logged again. */
  isDenied(subject: string): boolean {
    return this.subjects.has(subject);
  }
}
