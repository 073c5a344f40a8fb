import { AsyncLocalStorage } from 'node:async_hooks';
import { from, isObservable, tap } from 'rxjs';
import { isThenable } from '../util/thenable';
import { isMarkedContext } from './nats-jetstream.context';

const REPORTS = Symbol.for('nest-jetstream:method-reports');

export type Method = (this: unknown, ...args: unknown[]) => unknown;

interface Reports {
  /** Report of the run in the current async context. */
  readonly current: AsyncLocalStorage<MethodReport | undefined>;
  /**
   * Reports of all active runs, in any order. An array, because a Map with contexts as keys takes a
   * microsecond per message.
   */
  readonly active: MethodReport[];
}

/** Shared by all copies of this package: a library may decorate handlers with its own copy. */
const reports = ((globalThis as typeof globalThis & { [REPORTS]?: Reports })[REPORTS] ??= {
  current: new AsyncLocalStorage(),
  active: [],
});

/**
 * Original result of the method of a handler. Interceptors may replace it: the
 * ClassSerializerInterceptor of Nest turns an Outcome into a plain object.
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
   * Starts to collect results of methods that {@link reporting} wraps, in the current async
   * context.
   */
  begin(): void {
    this.index = reports.active.push(this) - 1;
    // Cheaper than run(), which also restores the previous async context.
    reports.current.enterWith(this);
  }

  end(): void {
    const last = reports.active.pop();
    if (!last || last === this) return;
    reports.active[this.index] = last;
    last.index = this.index;
  }

  /**
   * Returns false for another decorated method that the handler calls, because its result is not
   * that of the handler.
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
 * Wraps the method of a handler so that it reports its result. The wrapper keeps the name, the
 * length and the metadata of the method.
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

/** Copies decorator metadata from `source` to `target`, unless `target` already has it. */
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
  return reports.active.find((report) => report.context === context) ?? current;
}

function observe(report: MethodReport, method: Method, self: unknown, args: unknown[]): unknown {
  try {
    const result = method.apply(self, args);
    if (!isThenable(result)) return reportResult(report, result);
    return Promise.resolve(result).then(
      (value) => reportResult(report, value),
      (failure) => reportFailure(report, failure),
    );
  } catch (failure) {
    return reportFailure(report, failure);
  }
}

function reportResult(report: MethodReport, value: unknown): unknown {
  if (isObservable(value)) {
    return from(value).pipe(tap({ next: (each) => report.succeed(each), error: (failure) => report.fail(failure) }));
  }
  report.succeed(value);
  return value;
}

function reportFailure(report: MethodReport, failure: unknown): never {
  report.fail(failure);
  throw failure;
}
