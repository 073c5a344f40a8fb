/** State of the application's bootstrap hooks. Services may not be ready before they finish. */
export class StartHooks {
  private waiting: Promise<boolean> | undefined;
  private resolve: ((haveFinished: boolean) => void) | undefined;

  /**
   * Resolves to true when the hooks have finished, and to false if the application shuts down
   * first. Undefined after they finished, or if no module of the application reports them.
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
