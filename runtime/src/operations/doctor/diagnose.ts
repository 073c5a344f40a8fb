import { storingStreams } from '../../consumer/provisioning/storing-streams';
import { InvalidOptionError } from '../../errors/configuration.errors';
import { isErrorOf, type NatsJetStreamError } from '../../errors/nats-jetstream.error';
import { nearestName } from '../../errors/nearest-name';
import type { JetStreamSession, OpenSession } from '../../session/jetstream-session';
import { streamNames } from '../application-streams';
import { readInventory, type Inventory } from '../inventory';
import { PermittedReads } from '../permitted-reads';
import { readingError } from '../reading-error';
import { withSession } from '../with-session';
import { checkConsumers } from './consumer-checks';
import { checkDeadLetters } from './dead-letter-checks';
import type { Check, ExaminedService, Examination } from './examination';
import { FINDING_CODES, findingOf, type Finding, type FindingCode } from './finding';
import { checkAttempts, checkWorkQueues } from './message-checks';
import { checkPermissions } from './permission-checks';
import { checkAccount, checkVersion } from './server-checks';
import { checkStreams } from './stream-checks';

export interface DoctorOptions {
  /** Service whose declarations are compared with the server. Default: none. */
  readonly service?: ExaminedService | undefined;
  /** Names of streams. Default: those of the service, or all streams of the account. */
  readonly streams?: readonly string[] | undefined;
  /** Codes of findings to leave out. */
  readonly ignore?: readonly FindingCode[] | undefined;
}

/** Result of all checks, as plain data. */
export interface Diagnosis {
  /** `id` of the service. */
  readonly id: string | undefined;
  /** Addresses without credentials. */
  readonly servers: string;
  /** Undefined if the server could not be reached. */
  readonly serverVersion: string | undefined;
  /** Number of streams and consumers that were checked. */
  readonly streams: number;
  readonly consumers: number;
  readonly findings: readonly Finding[];
  /** Subjects that the user may not publish to. Checks that need them were left out. */
  readonly denied: readonly string[];
}

const CHECKS: readonly Check[] = [
  checkPermissions,
  checkStreams,
  checkConsumers,
  checkDeadLetters,
  checkWorkQueues,
  checkAttempts,
];
const NO_INVENTORY: Inventory = { streams: [], consumers: [], missing: [] };

/**
 * Checks a server, its streams and consumers, and a service. Changes nothing, if the session does
 * not provision. A server that cannot be reached is a finding.
 * @throws InvalidOptionError (`INVALID_OPTION`) for an unknown code in `ignore`; AdminTimeoutError
 * (`ADMIN_TIMEOUT`)
 */
export async function diagnose(session: JetStreamSession, options: DoctorOptions = {}): Promise<Diagnosis> {
  const { service, ignore = [] } = options;
  assertCodes(ignore);
  const nothing = {
    id: service?.id,
    servers: session.connection.servers,
    serverVersion: undefined,
    streams: 0,
    consumers: 0,
    denied: [],
  };
  const diagnosis = await withSession(session, async (open) => {
    const { version: serverVersion } = open.connection.info ?? {};
    try {
      return { ...nothing, serverVersion, ...(await examine(session, open, options)) };
    } catch (error) {
      throw readingError(error, session, open);
    }
  }).catch((error: unknown) => ({ ...nothing, findings: [failureToOpen(error)] }));
  return { ...diagnosis, findings: diagnosis.findings.filter(({ code }) => !ignore.includes(code)) };
}

/** @throws errors other than those of an unreachable or too old server */
function failureToOpen(error: unknown): Finding {
  if (isErrorOf(error, 'UNSUPPORTED_BY_SERVER')) {
    const { value } = error as NatsJetStreamError;
    return findingOf('SERVER_TOO_OLD', `nats-server ${String(value)} is too old.`, 'Upgrade it to 2.10 or later.');
  }
  if (!isErrorOf(error, 'CONNECT_FAILED')) throw error;
  const [finding = '', ...remedy] = (error as Error).message.split(/(?<=\.) /);
  return findingOf('SERVER_UNREACHABLE', finding, remedy.join(' '));
}

async function examine(
  session: JetStreamSession,
  open: OpenSession,
  { service, streams }: DoctorOptions,
): Promise<Pick<Diagnosis, 'streams' | 'consumers' | 'findings' | 'denied'>> {
  const reads = new PermittedReads();
  const findings = [...checkVersion(open.connection.info?.version ?? ''), ...(await checkAccount(open, reads))];
  if (findings.some(({ code }) => code === 'JETSTREAM_DISABLED'))
    return { streams: 0, consumers: 0, findings, denied: reads.denied };
  const handlerStreams = await handlerStreamsOf(session, open, reads, service);
  const names = streams ?? (service && streamNames(session, handlerStreams));
  const inventory = (await reads.attempt(async () => readInventory(open.manager, names))) ?? NO_INVENTORY;
  const isSelection = names !== undefined;
  const examination: Examination = { session, open, reads, inventory, isSelection, service, handlerStreams };
  for (const check of CHECKS) findings.push(...(await check(examination)));
  const { streams: checked, consumers } = inventory;
  return { streams: checked.length, consumers: consumers.length, findings, denied: reads.denied };
}

async function handlerStreamsOf(
  session: JetStreamSession,
  open: OpenSession,
  reads: PermittedReads,
  service: ExaminedService | undefined,
): Promise<string[][]> {
  const found: string[][] = [];
  for (const handler of service?.handlers ?? []) {
    const storing = await reads.attempt(async () => storingStreams(open, session.streams, handler));
    found.push([...(storing?.names ?? [])]);
  }
  return found;
}

/** @throws InvalidOptionError (`INVALID_OPTION`) */
function assertCodes(codes: readonly string[]): void {
  const known = Object.keys(FINDING_CODES);
  const unknown = codes.find((code) => !known.includes(code));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, known);
  const remedy = nearest === undefined ? `Known codes: ${known.join(', ')}.` : `Did you mean '${nearest}'?`;
  throw InvalidOptionError.of(`'${unknown}' is not a code of a finding, so it cannot be ignored. ${remedy}`, unknown);
}
