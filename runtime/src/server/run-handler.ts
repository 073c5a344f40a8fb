import { isObservable, lastValueFrom } from 'rxjs';

/** Nest's handlers may do their work when subscribed to, and only the stream's completion says that it is done. */
export async function runToCompletion(result: unknown): Promise<void> {
  const resolved = await result;
  if (isObservable(resolved)) await lastValueFrom(resolved, { defaultValue: undefined });
}
