import { HttpException } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { NatsJetStreamError } from './nats-jetstream.error';

const MAX_LENGTH = 4_000;

/**
 * Describes a failure in one line that fits into a header. Accepts anything that can be thrown:
 * null, a string, or an error with getters that throw. Line breaks and control characters become
 * spaces. The text of a failed validation names the fields.
 */
export function failureText(failure: unknown): string {
  return clean(describe(failure));
}

/** Returns the stack of an error in one line, or an empty text. */
export function failureStack(failure: unknown): string {
  return clean(read(failure, 'stack'));
}

/**
 * Adds the stack of a failure to a log text. Errors of this package have none there, because their
 * messages name the cause and the remedy.
 */
export function withStack(text: string, failure: unknown): string {
  const stack = isInstance(failure, NatsJetStreamError) ? '' : read(failure, 'stack');
  return stack ? `${text}\n${stack}` : text;
}

/** Describes a failure for a log: what failed, its reason, the next step and its stack. */
export function failureReport(what: string, failure: unknown, next = ''): string {
  return withStack(`${what}: ${sentence(failureText(failure))} ${next}`.trimEnd(), failure);
}

function describe(failure: unknown): string {
  const message = detailsOf(failure) || read(failure, 'message');
  const name = read(failure, 'name');
  if (message) return name && name !== 'Error' ? `${name}: ${message}` : message;
  if (typeof failure === 'object' && failure !== null) return name || 'an object without a message was thrown';
  if (typeof failure === 'function') return 'a function was thrown';
  return typeof failure === 'string' ? failure || 'an empty string was thrown' : `${String(failure)} was thrown`;
}

function read(failure: unknown, key: 'message' | 'name' | 'stack'): string {
  const value = property(failure, key);
  return typeof value === 'string' ? value : '';
}

function clean(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}

const MAX_DEPTH = 8;

/**
 * Returns the details of an exception that its message leaves out, or an empty text. Nest's
 * ValidationPipe throws a BadRequestException with the message "Bad Request Exception". The failed
 * fields are in its response. An RpcException has its error instead.
 */
function detailsOf(failure: unknown): string {
  const response = responseOf(failure);
  const details = [response, property(response, 'message'), property(response, 'errors')];
  return [...new Set(details.flatMap((each) => problems(each)))].join('; ');
}

/**
 * Returns the texts of an array of messages, of class-validator errors or of schema issues, and
 * none for anything else.
 */
function problems(list: unknown, parent = '', depth = 0): string[] {
  if (!Array.isArray(list) || depth > MAX_DEPTH) return [];
  return list.flatMap((problem: unknown) => {
    if (typeof problem === 'string') return [problem];
    const path = [parent, ...pathOf(problem)].filter(Boolean).join('.');
    const constraints = Object.values(property(problem, 'constraints') ?? {}).filter(
      (text) => typeof text === 'string',
    );
    const message = property(problem, 'message');
    if (typeof message === 'string') constraints.push(path ? `${path}: ${message}` : message);
    const own = parent ? constraints.map((text) => `${parent}.${text}`) : constraints;
    return [...own, ...problems(property(problem, 'children'), path, depth + 1)];
  });
}

function pathOf(problem: unknown): string[] {
  const path = property(problem, 'path') ?? property(problem, 'property');
  return (Array.isArray(path) ? path : [path]).filter((part) => part !== undefined).map(String);
}

function responseOf(failure: unknown): unknown {
  try {
    if (isInstance(failure, HttpException)) return failure.getResponse();
    return isInstance(failure, RpcException) ? failure.getError() : undefined;
  } catch {
    return undefined;
  }
}

/** Returns a property of a value, or undefined if reading it throws. */
function property(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return Reflect.get(value, key) as unknown;
  } catch {
    return undefined;
  }
}

/** Adds a full stop to a text that has none. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/**
 * `instanceof` that never throws: anything can be thrown in a handler, also a revoked proxy, which
 * throws at every look.
 */
export function isInstance<Instance>(
  value: unknown,
  ofClass: abstract new (...args: never[]) => Instance,
): value is Instance {
  try {
    return value instanceof ofClass;
  } catch {
    return false;
  }
}

/**
 * Tells whether a value carries one of our marks. A mark is a registered symbol, so it is the same
 * in each copy of this package that an application loads; `instanceof` is not. Never throws:
 * handlers may throw or return anything, also a revoked proxy.
 */
export function hasBrand(value: unknown, brand: symbol): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return Reflect.get(value, brand) === true;
  } catch {
    return false;
  }
}
