import { AsyncLocalStorage } from 'node:async_hooks';
import { from, isObservable, tap } from 'rxjs';
import { isThenable } from '../codec/thenable';

const REPORTS = Symbol.for('nest-jetstream:method-reports');

export type Method = (this: unknown, ...args: unknown[]) => unknown;

interface Reports {
  /** Report of the run that the present code belongs to. */
  readonly current: AsyncLocalStorage<MethodReport | undefined>;
  /** Reports by the context of their run, which finds them also where an interceptor calls the method from another run. */
  readonly byContext: WeakMap<object, MethodReport>;
}

/** Shared by all copies of this package: a library may decorate handlers with its own copy. */
const reports = ((globalThis as typeof globalThis & { [REPORTS]?: Reports })[REPORTS] ??= {
  current: new AsyncLocalStorage(),
  byContext: new WeakMap(),
});

/**
 * Result of a handler's method as it returned or threw it. Interceptors may replace it: Nest's ClassSerializerInterceptor turns an
 * Outcome into a plain object.
 */
export class MethodReport {
  returned: unknown;
  failure: unknown;
  hasFailed = false;
  private method: unknown;
  private isRunning = false;

  /** Runs `work` for a message; a method of {@link reporting} that it calls reports here. */
  collect<Result>(context: object, work: () => Result): Result {
    reports.byContext.set(context, this);
    return reports.current.run(this, work);
  }

  /** False for a decorated method that the handler's method calls: that one's result is not the handler's. */
  begin(method: unknown): boolean {
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

/** Wraps a handler's method so that it reports its result. The wrapper has the name, the length and the metadata of the method. */
export function reporting(method: Method): Method {
  const wrapper: Method = function (this: unknown, ...args: unknown[]) {
    const report = reportFor(args);
    return report?.begin(method) ? observe(report, method, this, args) : method.apply(this, args);
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
  for (const arg of args) {
    const own = typeof arg === 'object' && arg !== null ? reports.byContext.get(arg) : undefined;
    if (own) return own;
  }
  return current;
}

function observe(report: MethodReport, method: Method, self: unknown, args: unknown[]): unknown {
  try {
    const result = method.apply(self, args);
    return isThenable(result)
      ? Promise.resolve(result).then((value) => noted(report, value), failing(report))
      : noted(report, result);
  } catch (failure) {
    return failing(report)(failure);
  }
}

function noted(report: MethodReport, value: unknown): unknown {
  if (isObservable(value)) {
    return from(value).pipe(tap({ next: (each) => report.succeed(each), error: (failure) => report.fail(failure) }));
  }
  report.succeed(value);
  return value;
}

function failing(report: MethodReport): (failure: unknown) => never {
  return (failure) => {
    report.fail(failure);
    throw failure;
  };
}
