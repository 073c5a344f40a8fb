/** Whether the application's `onModuleInit` hooks are over: before, what its handlers need may not be there. */
export class StartHooks {
  private waiting: Promise<boolean> | undefined;
  private resolve: ((areOver: boolean) => void) | undefined;

  /**
   * Undefined once they are over, and where no module of the application says when that is. Resolves to false when the
   * application ends before.
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
