/** Codes of findings, with their severity. docs/operating.md has the same list. */
export const FINDING_CODES = {
  SERVER_UNREACHABLE: 'error',
  SERVER_TOO_OLD: 'error',
  SERVER_OUTDATED: 'warning',
  JETSTREAM_DISABLED: 'error',
  ACCOUNT_LIMIT_REACHED: 'error',
  ACCOUNT_LIMIT_NEAR: 'warning',
  PERMISSION_MISSING: 'error',
  PUBLISH_PERMISSION_MISSING: 'warning',
  STREAM_MISSING: 'warning',
  ONE_REPLICA: 'warning',
  MEMORY_STORAGE: 'warning',
  NO_LIMITS: 'warning',
  SHORT_DUPLICATE_WINDOW: 'warning',
  CONSUMER_FULL: 'warning',
  CONSUMER_NOT_PULLED: 'warning',
  ORPHANED_DURABLE: 'warning',
  DEAD_LETTERS: 'warning',
  STRANDED_DEAD_LETTERS: 'warning',
  STRANDED_REDRIVES: 'warning',
  STRANDED_CONTENT: 'warning',
  STRANDED_ATTEMPTS: 'warning',
  STRANDED_MESSAGES: 'warning',
} as const;

export type FindingCode = keyof typeof FINDING_CODES;

/** A problem on the server. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning';
  readonly stream?: string;
  readonly consumer?: string;
  /** Sentences with the names and values. */
  readonly finding: string;
  readonly remedy: string;
}

/** Stream, or consumer of a stream, that a finding is about. */
export type FindingTarget = Pick<Finding, 'stream' | 'consumer'>;

export function findingOf(code: FindingCode, finding: string, remedy: string, target: FindingTarget = {}): Finding {
  return { code, severity: FINDING_CODES[code], ...target, finding, remedy };
}
