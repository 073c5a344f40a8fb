import type { HandlerDefinition } from '../../consumer/consumer-definition';
import type { JetStreamSession, OpenSession } from '../../session/jetstream-session';
import type { ProvisioningMode } from '../../stream/provisioning-mode';
import type { Inventory } from '../inventory';
import type { PermittedReads } from '../permitted-reads';
import type { Finding } from './finding';

/** Service whose declarations are compared with the server. The connection has its user. */
export interface ExaminedService {
  readonly id: string | undefined;
  readonly provisioning: ProvisioningMode;
  readonly handlers: readonly HandlerDefinition[];
  /** Time that a publish attempt of the service waits for its PubAck. Default: 5 s. */
  readonly publishTimeoutMs?: number;
}

/** Everything that a check may read. */
export interface Examination {
  readonly session: JetStreamSession;
  readonly open: OpenSession;
  readonly reads: PermittedReads;
  readonly inventory: Inventory;
  /** False if the inventory has all streams of the account. */
  readonly isSelection: boolean;
  /** Undefined if only the server is examined. */
  readonly service: ExaminedService | undefined;
  /** Streams of each handler of the service, in the order of its handlers. */
  readonly handlerStreams: readonly (readonly string[])[];
}

export type Check = (examination: Examination) => Promise<Finding[]> | Finding[];
