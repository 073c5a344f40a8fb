import { createHash } from 'node:crypto';

const READABLE_LENGTH = 80;

/**
 * Derives a name that is valid on the server, the same at every start, and different for different
 * parts. Invalid characters are replaced, and a hash of the parts keeps similar names apart.
 */
export function derivedName(...parts: readonly string[]): string {
  const readable = parts
    .join('-')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .slice(0, READABLE_LENGTH);
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
  return `${readable}-${hash}`;
}

/**
 * Derives the durable of a handler without one. `npx nest-jetstream contract` derives it from the
 * sources.
 * @param handler class and method, such as `OrdersConsumer.created`
 */
export function derivedDurable(service: string, subject: string, handler?: string): string {
  return derivedName(service, subject, ...(handler === undefined ? [] : [handler]));
}
