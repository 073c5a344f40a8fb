import { NatsJetStreamError } from './nats-jetstream.error';

/** A dead letter that `redriveAll` could not redrive. It is still stored. */
export interface RedriveFailure {
  /** Sequence in the stream of dead letters. */
  readonly deadLetterSequence: number;
  /** The consumer that gave the message up; empty if the dead letter does not say so. */
  readonly consumer: string;
  /** Sequence of the message in its stream; 0 if the dead letter does not say so. */
  readonly sequence: number;
  readonly error: NatsJetStreamError;
}

const SHOWN = 5;

/**
 * `redriveAll` left dead letters behind; the others were redriven. `failures` has the error of
 * each, `redriven` the number of others.
 */
export class RedriveIncompleteError extends NatsJetStreamError {
  readonly code = 'REDRIVE_INCOMPLETE';

  constructor(
    readonly stream: string,
    readonly redriven: number,
    readonly failures: readonly RedriveFailure[],
    limit: number,
  ) {
    const shown = failures
      .slice(0, SHOWN)
      .map(({ deadLetterSequence, error }) => `- sequence ${deadLetterSequence}: ${error.code}. ${error.message}`);
    if (failures.length > SHOWN) shown.push(`- and ${failures.length - SHOWN} more`);
    const stopped = failures.length === limit ? ` It stopped after ${limit} failures.` : '';
    super(
      `${redriven} dead letters of '${stream}' were redriven, and ${failures.length} were not.${stopped}\n${shown.join('\n')}\n` +
        `They are still stored. Remove the causes and call redriveAll() again.`,
      { value: failures.map(({ deadLetterSequence }) => deadLetterSequence), cause: failures[0]?.error },
    );
  }
}
