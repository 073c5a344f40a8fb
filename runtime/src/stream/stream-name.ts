import { deriveDurableName } from '../consumer/provisioning/durable-name';

/** A name for a stream that was given none: legal on the server, the same for the same subjects in whichever order. */
export function deriveStreamName(subjects: readonly string[]): string {
  return deriveDurableName(...subjects.toSorted());
}
