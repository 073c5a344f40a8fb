import type { Logger } from '@nestjs/common';
import { failureText, withStack } from '../errors/thrown-value';
import type {
  ProcessObserver,
  PublishObserver,
  RequestObserver,
  ResponseObserver,
  Telemetry,
  TelemetryDeadLetter,
  TelemetryDelivery,
  TelemetryOutcome,
  TelemetryPublish,
  TelemetryRequest,
  TelemetryService,
} from './telemetry';

/** A header name and value that a server accepts, and that does not control it. */
const VALID_NAME = /^(?!nats-)[!-9;-~]+$/i;
const LINE_BREAK = /[\r\n]/;

type Observed = Readonly<Pick<TelemetryPublish, 'header'>>;

/** Headers of several observers, as pairs. */
export type AddedHeaders = readonly (readonly [name: string, value: string])[];

/**
 * The telemetry of one registered connection. It calls all of its members, and isolates messages
 * from their failures. Each method returns undefined if no member observes the operation.
 */
export class ActiveTelemetry {
  private readonly failed = new Set<Telemetry>();

  constructor(
    private readonly members: readonly Telemetry[],
    readonly service: TelemetryService,
    private readonly logger: Pick<Logger, 'error'>,
  ) {
    for (const member of members) this.guard(member, () => member.watching?.(service));
  }

  /** False while no member observes anything. */
  get isActive(): boolean {
    // Called for each message, so without closures.
    for (const member of this.members) if (this.isObserving(member)) return true;
    return false;
  }

  publishing(publish: TelemetryPublish): ActivePublish | undefined {
    const observers = this.observersOf<PublishObserver>((member) => member.publishing?.(publish));
    if (observers.length === 0) return undefined;
    return {
      headers: this.headersOf(observers, publish.kind === 'redrive' ? undefined : publish),
      retrying: (attempt) => this.each(observers, (observer) => observer.retrying?.(attempt)),
      stored: (ack) => this.each(observers, (observer) => observer.stored?.(ack)),
      failed: (error) => this.each(observers, (observer) => observer.failed?.(error)),
    };
  }

  processing(delivery: TelemetryDelivery): ActiveProcess | undefined {
    const observers = this.observersOf<ProcessObserver>((member) => member.processing?.(delivery));
    if (observers.length === 0) return undefined;
    return {
      run: this.runThrough(observers),
      ended: (outcomes, failure) => this.each(observers, (observer) => observer.ended?.(outcomes, failure)),
    };
  }

  deadLettering(letter: TelemetryDeadLetter): void {
    for (const member of this.members)
      if (this.isObserving(member)) this.guard(member, () => member.deadLettering?.(letter));
  }

  requesting(request: TelemetryRequest): ActiveRequest | undefined {
    const observers = this.observersOf<RequestObserver>((member) => member.requesting?.(request));
    if (observers.length === 0) return undefined;
    return {
      headers: this.headersOf(observers, request),
      ended: (error) => this.each(observers, (observer) => observer.ended?.(error)),
    };
  }

  responding(request: TelemetryRequest): ActiveResponse | undefined {
    const observers = this.observersOf<ResponseObserver>((member) => member.responding?.(request));
    if (observers.length === 0) return undefined;
    return {
      run: this.runThrough(observers),
      ended: (error) => this.each(observers, (observer) => observer.ended?.(error)),
    };
  }

  private isObserving(member: Telemetry): boolean {
    try {
      return member.isActive === undefined || member.isActive();
    } catch (error) {
      this.report(member, error);
      return false;
    }
  }

  private observersOf<Observer extends object>(
    observe: (member: Telemetry) => Observer | undefined,
  ): Owned<Observer>[] {
    const observers: Owned<Observer>[] = [];
    for (const member of this.members) {
      if (!this.isObserving(member)) continue;
      const observer = this.guard(member, () => observe(member));
      if (observer) observers.push({ member, observer });
    }
    return observers;
  }

  private each<Observer>(observers: readonly Owned<Observer>[], call: (observer: Observer) => void): void {
    for (const { member, observer } of observers) this.guard(member, () => call(observer));
  }

  private headersOf(
    observers: readonly Owned<Pick<PublishObserver, 'headers'>>[],
    present: Observed | undefined,
  ): AddedHeaders {
    return observers.flatMap(({ member, observer: { headers } }) =>
      Object.entries(headers ?? {}).filter(([name, value]) => {
        if (present?.header(name) !== undefined) return false;
        const isValid = VALID_NAME.test(name) && typeof value === 'string' && !LINE_BREAK.test(value);
        if (!isValid) this.report(member, new Error(`header ${JSON.stringify(name)} cannot be sent`));
        return isValid;
      }),
    );
  }

  /** Nests the async contexts of all observers. */
  private runThrough(observers: readonly Owned<Pick<ProcessObserver, 'run'>>[]): Run {
    const wrapping = observers.filter(({ observer }) => observer.run !== undefined);
    const [only, ...others] = wrapping;
    if (!only) return (work) => work();
    if (others.length === 0) return (work) => this.runIn(only, work);
    return (work) => wrapping.reduceRight<typeof work>((inner, owned) => () => this.runIn(owned, inner), work)();
  }

  /** Calls `work` exactly once, also if the observer fails before or after it. */
  private runIn<Result>({ member, observer }: Owned<Pick<ProcessObserver, 'run'>>, work: () => Result): Result {
    let result: { readonly value: Result } | { readonly error: unknown } | undefined;
    const once = (): Result => {
      if (result === undefined) {
        try {
          result = { value: work() };
        } catch (error) {
          result = { error };
        }
      }
      if ('error' in result) throw result.error;
      return result.value;
    };
    try {
      observer.run?.(once);
    } catch (error) {
      if (!result || !('error' in result) || result.error !== error) this.report(member, error);
    }
    return once();
  }

  private guard<Result>(member: Telemetry, call: () => Result): Result | undefined {
    try {
      return call();
    } catch (error) {
      this.report(member, error);
      return undefined;
    }
  }

  private report(member: Telemetry, error: unknown): void {
    if (this.failed.has(member)) return;
    this.failed.add(member);
    const name = member.constructor === Object ? 'A telemetry' : `Telemetry '${member.constructor.name}'`;
    this.logger.error(
      withStack(`${name} failed: ${failureText(error)}. Messages are not affected. This is logged once.`, error),
    );
  }
}

interface Owned<Observer> {
  readonly member: Telemetry;
  readonly observer: Observer;
}

type Run = <Result>(work: () => Result) => Result;

/** Observers of one event or batch. No method throws. */
export interface ActivePublish extends Required<Omit<PublishObserver, 'headers'>> {
  readonly headers: AddedHeaders;
}

/** Observers of one run of a handler. `run` throws only what its work throws. */
export interface ActiveProcess {
  readonly run: Run;
  ended(outcomes: readonly TelemetryOutcome[], failure: unknown): void;
}

/** Observers of a request. No method throws. */
export interface ActiveRequest {
  readonly headers: AddedHeaders;
  ended(error: unknown): void;
}

/** Observers of the handler of a request. `run` throws only what its work throws. */
export interface ActiveResponse {
  readonly run: Run;
  ended(error: unknown): void;
}
