import { NatsJetStreamError } from './nats-jetstream.error';

/** The stream does not accept batches. Nothing was stored. */
export class BatchNotAllowedError extends NatsJetStreamError {
  readonly code = 'BATCH_NOT_ALLOWED';

  constructor(subject: string, cause: unknown) {
    super(
      `The batch was not stored, because the stream of '${subject}' does not accept batches. ` +
        `Declare it with allowAtomic: true in defineStream.`,
      { value: subject, cause },
    );
  }
}

/** The events of a batch belong to different streams. Nothing was stored. */
export class BatchAcrossStreamsError extends NatsJetStreamError {
  readonly code = 'BATCH_ACROSS_STREAMS';

  /**
   * @param subjects two subjects of the batch that belong to different streams
   */
  constructor([first, other]: readonly [BatchSubject, BatchSubject], cause?: unknown) {
    super(
      `The batch was not stored, because ${inStream(first)} and ${inStream(other)} belong to different streams. ` +
        `Emit one batch for each stream, or let one stream store all of the subjects.`,
      { value: other.subject, cause },
    );
  }
}

/** A subject of a batch. */
export interface BatchSubject {
  readonly subject: string;
  /** Stream of the subject. Undefined if it is not declared here. */
  readonly stream?: string | undefined;
}

/** The stream already has another event with a message id of this batch. Nothing was stored. */
export class BatchConflictError extends NatsJetStreamError {
  readonly code = 'BATCH_CONFLICT';

  constructor(
    subject: string,
    readonly messageId: string,
    cause: unknown,
  ) {
    super(
      `The batch with message id ${messageId} was not stored, because its stream already has another event with one of ` +
        `its message ids. Give each batch its own msgID.`,
      { value: subject, cause },
    );
  }
}

function inStream({ subject, stream }: BatchSubject): string {
  return stream === undefined ? `'${subject}'` : `'${subject}' (stream '${stream}')`;
}
