import { driftText, type Drift } from './drift';
import { NatsJetStreamError } from './nats-jetstream.error';

/** Reasons for refused changes of a stream. */
export interface RefusedChanges {
  readonly drift: readonly Drift[];
  /** API that declared the stream. */
  readonly by?: 'defineStream' | 'deadLetters' | 'streamConfig' | undefined;
  /** Names for `allowDataLoss` that permit a change. */
  readonly lossy: readonly string[];
  /** Names of fields that an existing stream cannot change. */
  readonly impossible: readonly string[];
}

/**
 * The stream on the server differs from its declaration, and the change is impossible or can drop
 * messages.
 */
export class StreamDriftError extends NatsJetStreamError {
  readonly code = 'STREAM_DRIFT';
  readonly drift: readonly Drift[];

  constructor(
    readonly stream: string,
    { drift, by, lossy, impossible }: RefusedChanges,
  ) {
    const fixed = impossible.filter((name) => name !== 'subjects');
    const reasons = [
      ...(lossy.length > 0 ? [`A change of ${list(lossy)} can drop stored messages.`] : []),
      ...(fixed.length > 0 ? [`An existing stream cannot change ${list(fixed)}.`] : []),
      ...(fixed.length < impossible.length ? ['The declared subjects cannot be added to those on the server.'] : []),
    ];
    const option = `allowDataLoss: [${list(lossy)}]`;
    const place = by === 'deadLetters' ? `deadLetters: { ${option} }` : option;
    const consent = lossy.length > 0 ? ` To accept the loss, add ${place}.` : '';
    super(
      `Stream '${stream}' on the server differs from its declaration (${driftText(drift)}). ` +
        `${reasons.join(' ')} Declare what the server has, or change the stream by hand.${consent}`,
      { value: stream },
    );
    this.drift = drift;
  }
}

/** The server refused to create or update a declared stream. `cause` is its answer. */
export class StreamProvisioningError extends NatsJetStreamError {
  readonly code = 'STREAM_PROVISIONING';

  constructor(
    readonly stream: string,
    cause: unknown,
    remedy = "Check its declaration and the permissions of the connection's user.",
  ) {
    super(
      `Stream '${stream}' could not be created or updated, because the request failed with ` +
        `"${cause instanceof Error ? cause.message : String(cause)}". ` +
        remedy,
      { value: stream, cause },
    );
  }
}

/** Two different declarations of one stream. */
export class StreamDeclaredTwiceError extends NatsJetStreamError {
  readonly code = 'STREAM_DECLARED_TWICE';

  constructor(readonly stream: string) {
    super(`Stream '${stream}' is declared twice with different options. Keep one declaration and import it.`, {
      value: stream,
    });
  }
}

/** Another stream that stores a subject. */
export interface OverlappingStream {
  readonly name: string;
  /** Overlapping subject of that stream. Undefined if unknown. */
  readonly subject?: string | undefined;
  /** Its other subjects, if all overlapping subjects can be moved to the declared stream. */
  readonly remaining?: readonly string[];
  /** True if this service declares it. */
  readonly isDeclared?: boolean;
}

/**
 * Another stream already stores a subject of a declared stream. A subject can be in one stream
 * only.
 */
export class StreamOverlapError extends NatsJetStreamError {
  readonly code = 'STREAM_OVERLAP';
  readonly other: string;

  constructor(
    readonly stream: string,
    subject: string,
    other: OverlappingStream,
  ) {
    super(overlapText(stream, subject, other), { value: subject });
    this.other = other.name;
  }
}

function overlapText(
  stream: string,
  subject: string,
  { name, subject: theirs, remaining, isDeclared }: OverlappingStream,
): string {
  if (isDeclared)
    return `Subjects '${subject}' of stream '${stream}' and '${theirs}' of stream '${name}' overlap. Remove or narrow one of them.`;
  const stored = theirs === undefined ? 'it or a part of it' : `'${theirs}'`;
  const problem = `Stream '${stream}' cannot store '${subject}', because stream '${name}' on the server already stores ${stored}.`;
  if (remaining === undefined || theirs === undefined)
    return `${problem} A subject can be in one stream only. Narrow the subjects of one of them, or declare '${name}' instead.`;
  const rule = 'Startup adds subjects to a stream and never removes them.';
  return remaining.length === 0
    ? `${problem} ${rule} To move the subject, give stream '${name}' another subject first, or remove it.`
    : `${problem} ${rule} To move the subject, run \`nats stream edit ${name} --subjects '${remaining.join(',')}'\` first.`;
}

function list(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}
