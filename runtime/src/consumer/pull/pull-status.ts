import type { Msg } from '@nats-io/transport-node';

/** Why a pull request ended without all the messages that it asked for. */
export type PullEnd =
  /** Its time was up: the ordinary end on a quiet stream. */
  | 'expired'
  /** The server refused it as it stands: a limit of the consumer, or a wrong request. */
  | 'refused'
  /** Another instance is pinned now, or none. */
  | 'unpinned'
  /** Consumer or stream are gone, or led by another server now. */
  | 'lost';

export interface PullStatus {
  readonly code: number;
  readonly description: string;
  /** Undefined for a heartbeat, which ends nothing. */
  readonly end: PullEnd | undefined;
  /** How many messages that the request asked for will not come. */
  readonly unfilled: number;
}

const HEARTBEAT = 100;
const NO_MESSAGES = 404;
const EXPIRED = 408;
const CONFLICT = 409;
const WRONG_PIN = 423;

/**
 * A message without a reply subject on a pull's inbox is the server's word about the pull (ADR-13). What a conflict is about
 * stands in its description alone; these begin the texts of the limits a consumer sets.
 */
const LIMIT_DESCRIPTIONS = ['Exceeded', 'Message Size Exceeds', 'Batch Completed'];

export function pullStatus({ headers }: Msg): PullStatus {
  const code = headers?.code ?? 0;
  const description = headers?.description ?? '';
  return {
    code,
    description,
    end: endOf(code, description),
    unfilled: Number(headers?.get('Nats-Pending-Messages') ?? 0),
  };
}

function endOf(code: number, description: string): PullEnd | undefined {
  if (code === HEARTBEAT) return undefined;
  if (code === EXPIRED || code === NO_MESSAGES) return 'expired';
  if (code === WRONG_PIN) return 'unpinned';
  if (code === CONFLICT) return LIMIT_DESCRIPTIONS.some((text) => description.startsWith(text)) ? 'refused' : 'lost';
  return code === 400 ? 'refused' : 'lost';
}
