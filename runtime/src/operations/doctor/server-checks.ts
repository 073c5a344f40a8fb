import { isNoResponders } from '../../client/pub-ack';
import { jetStreamDisabled } from '../../errors/connection.errors';
import type { OpenSession } from '../../session/jetstream-session';
import type { PermittedReads } from '../permitted-reads';
import { bytesText, countText } from '../text-table';
import { findingOf, type Finding } from './finding';

/** First patch without known vulnerabilities of each minor version below 2.14. Others have some. */
const SECURE_PATCHES: ReadonlyMap<number, number> = new Map([
  [11, 16],
  [12, 7],
]);
const SECURE_MINOR = 14;
const NEAR = 0.8;

/** Checks the version of a server that the transport supports. */
export function checkVersion(version: string): Finding[] {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/, 3).map(Number);
  const isOld = major < 2 || (major === 2 && minor < SECURE_MINOR);
  if (!isOld || patch >= (SECURE_PATCHES.get(minor) ?? Number.POSITIVE_INFINITY)) return [];
  return [
    findingOf(
      'SERVER_OUTDATED',
      `nats-server ${version} has known vulnerabilities.`,
      'Upgrade it to 2.11.16, 2.12.7, 2.14.0 or a later version.',
    ),
  ];
}

/** Checks that JetStream is enabled, and that the account is not near its limits. */
export async function checkAccount({ manager }: OpenSession, reads: PermittedReads): Promise<Finding[]> {
  try {
    const account = await reads.attempt(async () => manager.getAccountInfo());
    if (!account) return [];
    const tiers = Object.entries(account.tiers ?? {});
    return tiers.length === 0
      ? checkLimits('the account', account)
      : tiers.flatMap(([tier, usage]) => (usage ? checkLimits(`tier ${tier} of the account`, usage) : []));
  } catch (error) {
    if (!jetStreamDisabled(error) && !isNoResponders(error)) throw error;
    const remedy = "Add 'jetstream: enabled' to the account, and 'jetstream {}' to the configuration of nats-server.";
    return [findingOf('JETSTREAM_DISABLED', 'JetStream is not enabled for this account or server.', remedy)];
  }
}

interface Usage {
  readonly memory: number;
  readonly storage: number;
  readonly streams: number;
  readonly consumers: number;
  readonly limits: {
    readonly max_memory: number;
    readonly max_storage: number;
    readonly max_streams: number;
    readonly max_consumers: number;
  };
}

function checkLimits(owner: string, { limits, ...used }: Usage): Finding[] {
  return [
    ...checkLimit(owner, 'file storage', used.storage, limits.max_storage, bytesText),
    ...checkLimit(owner, 'memory storage', used.memory, limits.max_memory, bytesText),
    ...checkLimit(owner, 'streams', used.streams, limits.max_streams, countText),
    ...checkLimit(owner, 'consumers', used.consumers, limits.max_consumers, countText),
  ];
}

function checkLimit(
  owner: string,
  what: string,
  used: number,
  limit: number,
  text: (value: number) => string,
): Finding[] {
  // -1 is unlimited, and 0 is the limit of a storage that the account does not use.
  if (limit <= 0 || used < limit * NEAR) return [];
  const percent = Math.floor((100 * used) / limit);
  const finding = `${text(used)} of ${text(limit)} (${percent}%) are used of the limit for ${what} of ${owner}.`;
  const remedy = `At the limit, nats-server refuses new messages, streams or consumers. Raise it, or remove what is not needed.`;
  return [findingOf(used >= limit ? 'ACCOUNT_LIMIT_REACHED' : 'ACCOUNT_LIMIT_NEAR', finding, remedy)];
}
