import { propagation, ROOT_CONTEXT, type Context, type TextMapGetter, type TextMapSetter } from '@opentelemetry/api';

/** Header of the baggage, which the stream would store with each event. */
const BAGGAGE = 'baggage';

/** Reads a header without regard to case. */
export type HeaderReader = (name: string) => string | undefined;

/** Writes and reads the trace context with the propagator of the application. */
export class Carrier {
  private readonly isAllowed: (name: string) => boolean;
  private readonly setter: TextMapSetter<Record<string, string>>;
  private readonly getter: TextMapGetter<HeaderReader>;

  /** @param hasBaggage true if the baggage is sent and received too */
  constructor(hasBaggage: boolean) {
    const isAllowed = (name: string): boolean => hasBaggage || name.toLowerCase() !== BAGGAGE;
    this.isAllowed = isAllowed;
    this.setter = {
      set: (headers, name, value) => {
        if (isAllowed(name)) headers[name.toLowerCase()] = value;
      },
    };
    this.getter = {
      keys: () => [],
      get: (header, name) => (isAllowed(name) ? header(name) : undefined),
    };
  }

  /**
   * True if the application has registered a propagator. It passes the context on even without an
   * SDK.
   */
  get isActive(): boolean {
    // Called for each message, so without closures.
    for (const name of propagation.fields()) if (this.isAllowed(name)) return true;
    return false;
  }

  /** Returns the headers of a context. */
  headersOf(context: Context): Record<string, string> {
    const headers: Record<string, string> = {};
    propagation.inject(context, headers, this.setter);
    return headers;
  }

  /** Returns the headers that remove an earlier context, for a redrive. */
  removal(): Record<string, string> {
    return Object.fromEntries(propagation.fields().map((name) => [name, '']));
  }

  /** Returns the context in the headers of a message. */
  contextOf(header: HeaderReader): Context {
    return propagation.extract(ROOT_CONTEXT, header, this.getter);
  }
}
