import { driftText, type Drift } from './drift';
import { NatsJetStreamError } from './nats-jetstream.error';

/** A stream or a durable that differs from its declaration. */
export interface ProvisioningMismatch {
  /** Undefined when no stream stores the `subjects` that the durable reads. */
  readonly stream: string | undefined;
  /** Undefined when the stream itself differs. */
  readonly durable?: string;
  readonly subjects?: readonly string[];
  /** Fields that differ; empty when the stream or durable does not exist. */
  readonly drift: readonly Drift[];
}

/**
 * Streams or durables differ from their declaration, with `provisioning: 'verify'`. `mismatches`
 * lists all of them. Nothing was changed.
 */
export class ProvisioningMismatchError extends NatsJetStreamError {
  readonly code = 'PROVISIONING_MISMATCH';

  constructor(readonly mismatches: readonly ProvisioningMismatch[]) {
    super(
      `The server differs from the declaration of this service, and provisioning 'verify' changes nothing:\n` +
        `${mismatches.map((mismatch) => `- ${describe(mismatch)}`).join('\n')}\n` +
        `Change the server accordingly, or start this service once with provisioning 'apply'.`,
      { value: mismatches.map(({ stream, durable }) => durable ?? stream) },
    );
  }
}

/**
 * The durable of a handler does not exist, and `provisioning` is `'verify'` or `'none'`. These
 * modes create nothing.
 */
export class MissingDurableError extends NatsJetStreamError {
  readonly code = 'MISSING_DURABLE';

  constructor(
    readonly stream: string,
    durable: string,
    handler: string,
    provisioning: 'verify' | 'none',
  ) {
    super(
      `Durable '${durable}' of stream '${stream}' for ${handler} does not exist. With provisioning '${provisioning}' the ` +
        `service creates nothing. Create it, or start this service once with provisioning 'apply'.`,
      { value: durable },
    );
  }
}

function describe({ stream, durable, subjects = [], drift }: ProvisioningMismatch): string {
  if (stream === undefined) return `no stream stores '${subjects.join("', '")}', which durable '${durable}' reads`;
  const what = durable === undefined ? `stream '${stream}'` : `durable '${durable}' of stream '${stream}'`;
  return drift.length === 0 ? `${what} is missing` : `${what}: ${driftText(drift)}`;
}
