import { driftText, type Drift } from './drift';
import { NatsJetStreamError } from './nats-jetstream.error';

/** A stream or a durable that is not as this service declares it. */
export interface ProvisioningMismatch {
  /** Undefined when no stream stores the `subjects` that the durable reads. */
  readonly stream: string | undefined;
  /** Undefined when it is about the stream itself. */
  readonly durable?: string;
  readonly subjects?: readonly string[];
  /** Fields that differ; none when it is not there at all. */
  readonly drift: readonly Drift[];
}

/** With `provisioning: 'verify'`: the server does not have what this service declares. Nothing was changed; `mismatches` has all of it. */
export class ProvisioningMismatchError extends NatsJetStreamError {
  readonly code = 'PROVISIONING_MISMATCH';

  constructor(readonly mismatches: readonly ProvisioningMismatch[]) {
    super(
      `The server does not have what this service declares, and provisioning: 'verify' changes nothing:\n` +
        `${mismatches.map((mismatch) => `- ${describe(mismatch)}`).join('\n')}\n` +
        `Bring the server to it, or start this service once with provisioning: 'apply'.`,
      { value: mismatches.map(({ stream, durable }) => durable ?? stream) },
    );
  }
}

/** A handler's durable is not on the server, and `provisioning` is `'verify'` or `'none'`, which create nothing. */
export class MissingDurableError extends NatsJetStreamError {
  readonly code = 'MISSING_DURABLE';

  constructor(
    readonly stream: string,
    durable: string,
    handler: string,
    provisioning: 'verify' | 'none',
  ) {
    super(
      `Durable '${durable}' of stream '${stream}', which ${handler} needs, is not there, and provisioning: '${provisioning}' ` +
        `creates nothing: create it, or start this service once with provisioning: 'apply'.`,
      { value: durable },
    );
  }
}

function describe({ stream, durable, subjects = [], drift }: ProvisioningMismatch): string {
  if (stream === undefined) return `no stream stores '${subjects.join("', '")}', which durable '${durable}' reads`;
  const what = durable === undefined ? `stream '${stream}'` : `durable '${durable}' of stream '${stream}'`;
  return drift.length === 0 ? `${what} is missing` : `${what}: ${driftText(drift)}`;
}
