import type { Msg } from '@nats-io/transport-node';

/** Reason why a pull request ended before all its messages were delivered. */
type PullEnd =
  /** The request expired, as usual on a quiet stream. */
  | 'expired'
  /** The request exceeds a limit of the consumer or is malformed. */
  | 'refused'
  /** Another instance or none is pinned. */
  | 'unpinned'
  /** The consumer or its stream was deleted, or its leader changed. */
  | 'lost';

const HEARTBEAT = 100;
const BAD_REQUEST = 400;
const NO_MESSAGES = 404;
const EXPIRED = 408;
const CONFLICT = 409;
const WRONG_PIN = 423;

/** Prefixes of the descriptions of a 409 for a limit. It has no code of its own (ADR-13). */
const LIMIT_DESCRIPTIONS = ['Exceeded', 'Message Size Exceeds', 'Batch Completed'];

/** Parses a status message: a message on the inbox without a reply subject (ADR-13). */
export function pullStatus({ headers }: Msg): {
  readonly code: number;
  readonly description: string;
  /** Undefined for a heartbeat. */
  readonly end: PullEnd | undefined;
  /** Number of requested messages that will not be delivered. */
  readonly unfilled: number;
} {
  const code = headers?.code ?? 0;
  const description = headers?.description ?? '';
  const unfilled = Number(headers?.get('Nats-Pending-Messages') ?? 0);
  return { code, description, end: pullEnd(code, description), unfilled };
}

function pullEnd(code: number, description: string): PullEnd | undefined {
  if (code === HEARTBEAT) return undefined;
  if (code === EXPIRED || code === NO_MESSAGES) return 'expired';
  if (code === WRONG_PIN) return 'unpinned';
  if (code === CONFLICT) return LIMIT_DESCRIPTIONS.some((text) => description.startsWith(text)) ? 'refused' : 'lost';
  return code === BAD_REQUEST ? 'refused' : 'lost';
}
