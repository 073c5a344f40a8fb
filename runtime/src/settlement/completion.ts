import { isObservable, lastValueFrom } from 'rxjs';

/** Nest's handlers may do their work when subscribed to, and only the stream's completion says that it is done. */
export async function completion(result: unknown): Promise<unknown> {
  const resolved = await result;
  return isObservable(resolved) ? lastValueFrom(resolved, { defaultValue: undefined }) : resolved;
}
