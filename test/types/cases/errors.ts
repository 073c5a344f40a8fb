import { NatsJetStreamError, NoStreamForSubjectError, PublishTimeoutError } from '@nest-jetstream/transport';
import type { Equal, Expect } from './type-equality.js';

export function describe(error: unknown): string {
  if (error instanceof NoStreamForSubjectError) {
    type Code = Expect<Equal<typeof error.name, string>>;
    const named: Code = true;
    return named ? error.code : error.message;
  }
  if (error instanceof PublishTimeoutError) return error.message;
  if (error instanceof NatsJetStreamError) return `${error.code}: ${String(error.cause)}`;
  return String(error);
}
