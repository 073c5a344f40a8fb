/** State of the application's bootstrap hooks. Before they are over, services may not be ready. */
export class StartHooks {
  private waiting: Promise<boolean> | undefined;
  private resolve: ((areOver: boolean) => void) | undefined;

  /**
   * Resolves to true when the hooks are over, and to false if the application shuts down first.
   * Undefined when they are over, or if the application has no module that reports them.
   */
  get pending(): Promise<boolean> | undefined {
    return this.waiting;
  }

  begin(): void {
    this.waiting = new Promise((resolve) => (this.resolve = resolve));
  }

  end(): void {
    this.resolve?.(true);
    this.waiting = undefined;
  }

  abandon(): void {
    this.resolve?.(false);
  }
}
