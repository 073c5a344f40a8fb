interface Selected {
  /** Applies to order numbers that are a multiple of it. Other orders succeed. Default: 1. */
  readonly every?: number;
  /** Applies to orders up to this number. Later orders succeed. Default: no limit. */
  readonly upTo?: number;
}

/**
 * The action of a worker's handler for an order. It is plain data, because it is sent to another
 * process.
 */
export type Behaviour = Selected &
  (
    | { readonly does: 'succeed'; readonly afterMs?: number }
    /** Throws on the first `times` attempts of an order, in any process. Default: on all. */
    | { readonly does: 'fail'; readonly times?: number; readonly afterMs?: number }
    /**
     * Kills its own process with SIGKILL on the first `times` attempts of an order. Default: on
     * all.
     */
    | { readonly does: 'kill'; readonly times?: number }
    /** Calls `process.exit` on the first `times` attempts of an order. Default: on all. */
    | { readonly does: 'exit'; readonly code: number; readonly times?: number }
    /** Blocks the event loop. */
    | { readonly does: 'block'; readonly ms: number; readonly afterMs?: number }
    /** Waits until the test calls `worker.release()`. */
    | { readonly does: 'wait'; readonly andFail?: boolean }
    | { readonly does: 'hang' }
    /**
     * Applies the first of these that matches the order number with `every`. `times` then counts
     * the runs of an order in all processes, not its deliveries.
     */
    | { readonly does: 'mix'; readonly of: readonly Behaviour[] }
  );
