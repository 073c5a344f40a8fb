/** Blocks code that awaits `opened` until the test opens the gate. */
export class Gate {
  readonly opened: Promise<void>;
  private resolve: (() => void) | undefined;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  open(): void {
    this.resolve?.();
  }
}
