import { AsyncLocalStorage } from 'node:async_hooks';
import { from, isObservable, tap } from 'rxjs';
import { isThenable } from '../util/thenable';
import { isMarkedContext } from './nats-jetstream.context';

const REPORTS = Symbol.for('nest-jetstream:method-reports');

export type Method = (this: unknown, ...args: unknown[]) => unknown;

interface Reports {
  /** Report of the run that the present code belongs to. */
  readonly current: AsyncLocalStorage<MethodReport | undefined>;
  /**
   * Reports of the runs under way, in any order. An array, because a Map with contexts as keys
   * takes a microsecond per message.
   */
  readonly underway: MethodReport[];
}

/** Shared by all copies of this package: a library may decorate handlers with its own copy. */
const reports = ((globalThis as typeof globalThis & { [REPORTS]?: Reports })[REPORTS] ??= {
  current: new AsyncLocalStorage(),
  underway: [],
});

/**
 * Result of a handler's method as it returned or threw it. Interceptors may replace it: Nest's
 * ClassSerializerInterceptor turns an Outcome into a plain object.
 */
export class MethodReport {
  returned: unknown;
  failure: unknown;
  hasFailed = false;
  private method: unknown;
  private isRunning = false;
  private index = -1;

  constructor(readonly context: object) {}

  /**
   * From now on, a method of {@link reporting} that is called in the present async context reports
   * here.
   */
  begin(): void {
    this.index = reports.underway.push(this) - 1;
    // Cheaper than run(), which makes a second async context to return to.
    reports.current.enterWith(this);
  }

  end(): void {
    const last = reports.underway.pop();
    if (!last || last === this) return;
    reports.underway[this.index] = last;
    last.index = this.index;
  }

  /**
   * False for a decorated method that the handler's method calls: that one's result is not the
   * handler's.
   */
  accepts(method: unknown): boolean {
    this.method ??= method;
    if (this.isRunning || this.method !== method) return false;
    this.isRunning = true;
    return true;
  }

  succeed(returned: unknown): void {
    this.isRunning = false;
    this.returned = returned;
    this.hasFailed = false;
  }

  fail(failure: unknown): void {
    this.isRunning = false;
    this.returned = undefined;
    this.failure = failure;
    this.hasFailed = true;
  }
}

/**
 * Wraps a handler's method so that it reports its result. The wrapper has the name, the length and
 * the metadata of the method.
 */
export function reporting(method: Method): Method {
  const wrapper: Method = function (this: unknown, ...args: unknown[]) {
    const report = reportFor(args);
    return report?.accepts(method) ? observe(report, method, this, args) : method.apply(this, args);
  };
  for (const key of Reflect.ownKeys(method)) {
    const property = Reflect.getOwnPropertyDescriptor(method, key);
    if (key !== 'prototype' && property) Object.defineProperty(wrapper, key, property);
  }
  copyMetadata(method, wrapper);
  return wrapper;
}

/** Gives `target` the metadata of decorators that `source` has and `target` has not. */
export function copyMetadata(source: object, target: object): void {
  for (const key of Reflect.getOwnMetadataKeys(source)) {
    if (!Reflect.hasOwnMetadata(key, target)) Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, source), target);
  }
}

function reportFor(args: readonly unknown[]): MethodReport | undefined {
  const current = reports.current.getStore();
  if (!current) return undefined;
  // An interceptor may call the method of one message in the async context of another.
  const context = args.find(isMarkedContext);
  if (context === undefined || context === current.context) return current;
  return reports.underway.find((report) => report.context === context) ?? current;
}

function observe(report: MethodReport, method: Method, self: unknown, args: unknown[]): unknown {
  try {
    const result = method.apply(self, args);
    if (!isThenable(result)) return noted(report, result);
    return Promise.resolve(result).then(
      (value) => noted(report, value),
      (failure) => failed(report, failure),
    );
  } catch (failure) {
    return failed(report, failure);
  }
}

function noted(report: MethodReport, value: unknown): unknown {
  if (isObservable(value)) {
    return from(value).pipe(tap({ next: (each) => report.succeed(each), error: (failure) => report.fail(failure) }));
  }
  report.succeed(value);
  return value;
}

function failed(report: MethodReport, failure: unknown): never {
  report.fail(failure);
  throw failure;
}
