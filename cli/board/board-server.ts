import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BoardResponse, PageRequest } from '@nest-jetstream/transport/board';

/** A request with the correct token. */
export type ServedRequest = Pick<PageRequest, 'method' | 'url' | 'headers' | 'form'>;

export interface BoardServerOptions {
  /** Default: a free port. */
  readonly port?: number | undefined;
  readonly answer: (request: ServedRequest) => Promise<BoardResponse>;
  /** Called after each request that may have changed something. */
  readonly onAction: (line: string) => void;
}

export interface BoardServer {
  /** Address with the token. */
  readonly url: string;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const MAX_FORM_BYTES = 262_144;
/** Headers that the board reads. Others, such as cookies, are not passed on. */
const PASSED_HEADERS = ['host', 'origin', 'sec-fetch-site'];
const METHODS = new Set(['GET', 'POST']);

/**
 * Serves pages on loopback. A random token in the address becomes a cookie, so that other users of
 * this machine cannot open the pages.
 */
export async function startBoardServer(options: BoardServerOptions): Promise<BoardServer> {
  const token = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => {
    respond(request, response, token, options).catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      send(response, 500, `The request failed. ${text}`);
    });
  });
  server.listen(options.port ?? 0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${LOOPBACK}:${port}/?token=${token}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  { answer, onAction }: BoardServerOptions,
): Promise<void> {
  const { method = '', url = '/', headers } = request;
  const { port } = request.socket.address() as AddressInfo;
  // Refuses DNS rebinding: another site may resolve its own name to this address.
  if (![`${LOOPBACK}:${port}`, `localhost:${port}`].includes(headers.host ?? ''))
    return send(response, 403, 'Open the address that the command printed.');
  if (!METHODS.has(method)) return send(response, 405, 'The board answers GET and POST.');
  const origin = `http://${headers.host}`;
  const address = URL.canParse(url, origin) ? new URL(url, origin) : undefined;
  if (address?.origin !== origin) return send(response, 400, 'The address is invalid.');
  const cookie = `nest-jetstream-board-${port}`;
  const given = address.searchParams.get('token');
  if (method === 'GET' && given !== null && isEqual(given, token)) {
    // The token must not stay in the history of the browser.
    address.searchParams.delete('token');
    const value = `${cookie}=${token}; HttpOnly; SameSite=Strict; Path=/`;
    return send(response, 303, 'See the next page.', { 'set-cookie': value, location: address.href });
  }
  if (!isEqual(cookieOf(headers.cookie, cookie), token))
    return send(response, 401, 'Open the address that the command printed. It has a token.');
  const form = method === 'POST' ? await readForm(request) : '';
  if (form === undefined) return send(response, 413, 'The form is too long.');
  const passed = PASSED_HEADERS.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : []));
  const page = await answer({
    method,
    url: address.pathname + address.search,
    headers: Object.fromEntries(passed) as Record<string, string>,
    form,
  });
  if (method === 'POST') onAction(`${method} ${address.pathname} (${page.status})`);
  response.writeHead(page.status, page.headers).end(page.body);
}

function send(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  const all = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers };
  response.writeHead(status, { 'content-security-policy': "default-src 'none'", connection: 'close', ...all });
  response.end(`${text}\n`);
}

function cookieOf(header: string | undefined, name: string): string {
  const cookies = (header ?? '').split(';').map((each) => each.trim());
  return cookies.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}

/** Compares in constant time. */
function isEqual(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

async function readForm(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_FORM_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
