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

/**
 * The events of a batch belong to several streams, and a batch is stored in one. Nothing was
 * stored.
 */
export class BatchAcrossStreamsError extends NatsJetStreamError {
  readonly code = 'BATCH_ACROSS_STREAMS';

  /**
   * @param subjects two subjects of the batch that different streams store, by the name of the
   * stream where it is known
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
  /** Undefined where only the server knows it. */
  readonly stream?: string | undefined;
}

/** Other events with message ids of this batch are stored already. Nothing was stored. */
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
