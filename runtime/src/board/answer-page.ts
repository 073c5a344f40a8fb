import type { IncomingHttpHeaders } from 'node:http';
import { onConnection, type OperationRun } from '../operations/operation-target';
import type { JetStreamSession } from '../session/jetstream-session';
import { responseOf, type BoardResponse } from './answer';
import { addressOf, Board, type BoardSettings } from './board';
import { html } from './html';
import { Links } from './links';
import { routesOf, type Route } from './routes';

/** A request of a server that is not an application, as JSON. */
export interface PageRequest extends BoardSettings {
  readonly method: string;
  /** Path and query. The board is at `/`. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Body of a POST: a form. */
  readonly form: string;
}

/** Operation of the command line that answers a request for a page. */
export const boardPage = onConnection(answerPage, () => []);

const boards = new WeakMap<JetStreamSession, Board>();

/** Answers a request for a page of the board of a session. */
async function answerPage(
  session: JetStreamSession,
  request: PageRequest,
  { onClose }: OperationRun<never>,
): Promise<BoardResponse> {
  const { method, url, headers, form, actions, bodies } = request;
  const found = findRoute(routesOf(actions), method, addressOf(url).pathname);
  if (!found) return responseOf({ title: 'Page not found', status: 404, body: html`` }, new Links('/', 0));
  let board = boards.get(session);
  if (!board) {
    const created = new Board(session, { actions, bodies }, undefined, () => undefined);
    boards.set(session, created);
    onClose(async () => created.stop());
    board = created;
  }
  return board.respond(found.route, { url, headers, params: found.params, form: new URLSearchParams(form) });
}

interface FoundRoute {
  readonly route: Route;
  readonly params: Record<string, string>;
}

function findRoute(routes: readonly Route[], method: string, pathname: string): FoundRoute | undefined {
  const segments = pathname.split('/').slice(1);
  for (const route of routes) {
    const parts = route.path.split('/');
    if (route.method !== method || parts.length !== segments.length) continue;
    const params: Record<string, string> = {};
    const isMatch = parts.every((part, at) => {
      const segment = decoded(segments[at] ?? '');
      if (!part.startsWith(':')) return part === segment;
      params[part.slice(1)] = segment;
      return segment !== '';
    });
    if (isMatch) return { route, params };
  }
  return undefined;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
