const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a task until it ends. Ctrl-C and the signals of process managers abort its signal. */
export async function withStopSignal(task: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  try {
    await task(stopping.signal);
  } catch (error) {
    // An interrupted task may reject, which is not an error.
    if (!stopping.signal.aborted) throw error;
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, stop);
  }
}
