import type { IncomingHttpHeaders } from 'node:http';
import { Logger } from '@nestjs/common';
import { AdminTimeoutError } from '../errors/admin.errors';
import { NatsConnectError } from '../errors/connection.errors';
import type { NatsJetStreamHealthReport } from '../health/health-report';
import type { JetStreamSession } from '../session/jetstream-session';
import { withDeadline } from '../util/deadline';
import { responseOf, type Answer, type BoardResponse } from './answer';
import { html } from './html';
import { Jobs } from './jobs';
import { Links } from './links';
import { failurePage } from './pages/failure';
import type { Route } from './routes';
import { isSameOrigin } from './same-origin';
import type { Visit } from './visit';

/** Returns the health of the application. */
export type HealthReader = () => NatsJetStreamHealthReport;

/** A request for a route of the board. */
export interface BoardRequest {
  /** Path and query, as the browser sent them. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Parameters of the route, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Fields of a POST. */
  readonly form: URLSearchParams;
  /** Name of the user, for the log. */
  readonly actor?: string | undefined;
}

export interface BoardSettings {
  readonly actions: boolean;
  readonly bodies: boolean;
}

/** Answers the requests for the pages of one connection. */
export class Board {
  private readonly jobs = new Jobs();

  constructor(
    private readonly session: JetStreamSession,
    private readonly settings: BoardSettings,
    private readonly health?: HealthReader,
    private readonly logAction: (action: string) => void = logWithNest,
  ) {}

  /** Answers a request. Never rejects. */
  async respond(route: Route, request: BoardRequest): Promise<BoardResponse> {
    const { pathname, query } = addressOf(request.url);
    const links = new Links(pathname, route.path === '' ? 0 : route.path.split('/').length);
    const { params, form, actor } = request;
    const { session, settings, jobs, health } = this;
    const log = (action: string): void => this.logAction(actor === undefined ? action : `${actor}: ${action}`);
    const visit: Visit = { session, params, query, form, links, ...settings, jobs, health, log };
    return responseOf(await this.answer(route, visit, request.headers), links);
  }

  /** Cancels actions that are running. */
  async stop(): Promise<void> {
    await this.jobs.stop();
  }

  private async answer(route: Route, visit: Visit, headers: IncomingHttpHeaders): Promise<Answer> {
    if (route.method === 'POST' && !isSameOrigin(headers)) return CROSS_SITE;
    try {
      if (route.isLocal !== true) await this.connect();
      return await route.answer(visit);
    } catch (error) {
      return failurePage(error, this.health?.().problems);
    }
  }

  /** Fails soon without a server, although the application waits for one. */
  private async connect(): Promise<void> {
    const { connection, timeoutMs, ready } = this.session;
    if (connection.isLost)
      throw new NatsConnectError(connection.servers, new Error('the connection is lost'), 'It is being restored.');
    if (!ready) await withDeadline(this.session.open(), timeoutMs, () => new AdminTimeoutError('connect', timeoutMs));
  }
}

/** Splits an address. Accepts any text, unlike `URL`. */
export function addressOf(url: string): { readonly pathname: string; readonly query: URLSearchParams } {
  const [pathname = '', ...query] = url.split('?');
  return { pathname, query: new URLSearchParams(query.join('?')) };
}

function logWithNest(action: string): void {
  new Logger('JetStreamBoard').log(action);
}

const CROSS_SITE: Answer = {
  title: 'Refused',
  status: 403,
  body: html`<p>The request does not come from a page of this board. Open the board, and repeat the action there.</p>`,
};
