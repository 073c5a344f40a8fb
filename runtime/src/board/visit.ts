import type { HealthReader } from './board';
import type { JetStreamSession } from '../session/jetstream-session';
import type { Jobs } from './jobs';
import type { Links } from './links';

/** A request for a page, and all that the page may use. */
export interface Visit {
  readonly session: JetStreamSession;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly links: Links;
  /** True if pages have buttons that change something. */
  readonly actions: boolean;
  /** True if pages show the bodies of messages. */
  readonly bodies: boolean;
  readonly jobs: Jobs;
  /** Health of the application. Undefined for a board without one. */
  readonly health: HealthReader | undefined;
  /** Logs an action, with the user. */
  readonly log: (action: string) => void;
}
