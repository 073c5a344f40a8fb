/**
 * Schemas that are read for one event. References can make a small document exponentially large.
 */
const MAX_SCHEMAS = 2_000;

/** Parts of an event's schema that its type does not express. */
export class SchemaNotes {
  /** Paths whose type is `unknown`, with the reason. */
  readonly unknown: string[] = [];
  /** Paths and keywords that have no type. */
  readonly ignored: string[] = [];
  private readonly path: string[] = [];
  private left = MAX_SCHEMAS;

  /** Calls `read` for a field or an element. */
  at<Result>(name: string, read: () => Result): Result {
    this.path.push(name);
    const result = read();
    this.path.pop();
    return result;
  }

  /** Returns false if too many schemas were read. */
  spend(): boolean {
    if (this.left > 0) {
      this.left -= 1;
      return true;
    }
    if (this.left === 0) this.isUnknown('the schema is too large');
    this.left = -1;
    return false;
  }

  isUnknown(reason: string): void {
    this.add(this.unknown, reason);
  }

  ignore(keyword: string): void {
    this.add(this.ignored, keyword);
  }

  private add(list: string[], text: string): void {
    const note = `${this.path.join('.') || 'payload'} (${text})`;
    if (!list.includes(note)) list.push(note);
  }
}
