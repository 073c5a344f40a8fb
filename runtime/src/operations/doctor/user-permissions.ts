import type { NatsConnection } from '@nats-io/transport-node';
import { patternsOverlap } from '../../subject/pattern-overlap';
import { subjectMatches } from '../../subject/subject-match';

const USER_INFO = '$SYS.REQ.USER.INFO';

export type Operation = 'publish' | 'subscribe';

interface Rules {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/** Permissions of the user of a connection. */
export class UserPermissions {
  private constructor(private readonly rules: Partial<Record<Operation, Rules>>) {}

  /** Reads the permissions from the server, which every user with a permission for it may do. */
  static async read(connection: NatsConnection, timeoutMs: number): Promise<UserPermissions> {
    const answer = await connection.request(USER_INFO, '', { timeout: timeoutMs });
    const { data } = answer.json<{ readonly data?: { readonly permissions?: Partial<Record<Operation, Rules>> } }>();
    return new UserPermissions(data?.permissions ?? {});
  }

  /** Returns true if all subjects of the pattern are allowed. */
  allows(operation: Operation, pattern: string): boolean {
    const { allow, deny } = this.rules[operation] ?? {};
    if (deny?.some((denied) => subjectMatches(pattern, subjectOf(denied)))) return false;
    return !allow || allow.some((allowed) => subjectMatches(pattern, subjectOf(allowed)));
  }

  /** Returns true if a subject of the pattern is allowed. */
  allowsSome(operation: Operation, pattern: string): boolean {
    const { allow, deny } = this.rules[operation] ?? {};
    if (deny?.some((denied) => subjectMatches(pattern, subjectOf(denied)))) return false;
    return !allow || allow.some((allowed) => patternsOverlap(pattern, subjectOf(allowed)));
  }
}

/** A permission to subscribe may have a queue group after the subject. */
function subjectOf(permission: string): string {
  return permission.split(' ', 1)[0] ?? permission;
}
