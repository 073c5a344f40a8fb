import { NatsJetStreamError } from './nats-jetstream.error';

/** A dead letter that `redriveAll` could not redrive. It stays stored. */
export interface RedriveFailure {
  /** Sequence in the dead-letter stream. */
  readonly deadLetterSequence: number;
  /** Consumer that dead-lettered the message. */
  readonly consumer: string;
  /** Sequence of the message in its stream. 0 if another client stored the dead letter. */
  readonly sequence: number;
  readonly error: NatsJetStreamError;
}

const SHOWN = 5;

/**
 * `redriveAll` could not redrive some dead letters. `failures` has the error of each, and
 * `redriven` is the number of those that were redriven.
 */
export class RedriveIncompleteError extends NatsJetStreamError {
  readonly code = 'REDRIVE_INCOMPLETE';

  constructor(
    readonly stream: string,
    readonly redriven: number,
    readonly failures: readonly RedriveFailure[],
    isComplete: boolean,
  ) {
    const shown = failures
      .slice(0, SHOWN)
      .map(({ deadLetterSequence, error }) => `- sequence ${deadLetterSequence}: ${error.code}. ${error.message}`);
    if (failures.length > SHOWN) shown.push(`- and ${failures.length - SHOWN} more`);
    const stopped = isComplete ? '' : ` It stopped after ${failures.length} failures.`;
    super(
      `${redriven} dead letters of '${stream}' were redriven, and ${failures.length} were not.${stopped}\n${shown.join('\n')}\n` +
        `They are still stored. Remove the causes and call redriveAll() again.`,
      { value: failures.map(({ deadLetterSequence }) => deadLetterSequence), cause: failures[0]?.error },
    );
  }
}
