interface Selected {
  /** Orders that it is about: those whose number it divides; the others succeed. Default 1: all. */
  readonly every?: number;
  /** Orders up to this number; the later ones succeed. Default: no limit. */
  readonly upTo?: number;
}

/**
 * What the handler of a worker does with an order. Plain data, because it is told to another
 * process.
 */
export type Behaviour = Selected &
  (
    | { readonly does: 'succeed'; readonly afterMs?: number }
    /** Throws on the first `times` attempts at an order, of any process. Default: on all. */
    | { readonly does: 'fail'; readonly times?: number; readonly afterMs?: number }
    /**
     * Ends its own process with SIGKILL, on the first `times` attempts at an order. Default: on
     * all.
     */
    | { readonly does: 'kill'; readonly times?: number }
    /**
     * Ends its own process as code does that thinks it is a script, on the first `times` attempts
     * at an order. Default: on all.
     */
    | { readonly does: 'exit'; readonly code: number; readonly times?: number }
    /** Keeps the event loop for itself. */
    | { readonly does: 'block'; readonly ms: number; readonly afterMs?: number }
    /** Goes on when the test says `worker.release()`. */
    | { readonly does: 'wait'; readonly andFail?: boolean }
    | { readonly does: 'hang' }
    /**
     * Does what the first of these does whose `every` divides the order's number. `times` then
     * counts the runs of an order in all processes, not its deliveries.
     */
    | { readonly does: 'mix'; readonly of: readonly Behaviour[] }
  );
