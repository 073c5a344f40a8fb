import { request } from 'node:http';
import { startBoardServer, type BoardServer, type ServedRequest } from '../../cli/board/board-server';

describe('startBoardServer', () => {
  const asked: ServedRequest[] = [];
  const actions: string[] = [];
  let server: BoardServer;
  let port: string;
  let token: string;
  let cookie: string;

  beforeAll(async () => {
    server = await startBoardServer({
      answer: async (page) => {
        asked.push(page);
        return { status: 200, headers: { 'content-type': 'text/html' }, body: 'page' };
      },
      onAction: (line) => void actions.push(line),
    });
    const address = new URL(server.url);
    port = address.port;
    token = address.searchParams.get('token') ?? '';
    const { headers } = await fetch(server.url, { redirect: 'manual' });
    cookie = (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  });
  afterAll(async () => server.close());

  /** Sends headers that `fetch` refuses to send. */
  async function send(
    path: string,
    { method = 'GET', body = '', ...headers }: { method?: string; body?: string } & Record<string, string> = {},
  ): Promise<{ status: number | undefined; headers: Record<string, unknown>; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
      });
      sent.on('error', reject).end(body);
    });
  }

  it('listens on loopback', () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}$/);
  });

  it('turns the token of the address into a cookie, and removes it from the address', async () => {
    const { status, headers } = await send(`/streams/ORDERS?token=${token}&page=2`);
    expect(status).toBe(303);
    expect(headers['location']).toBe(`http://127.0.0.1:${port}/streams/ORDERS?page=2`);
    expect(String(headers['set-cookie'])).toMatch(/; HttpOnly; SameSite=Strict; Path=\//);
    expect(await send('/', { cookie })).toMatchObject({ status: 200, text: 'page' });
  });

  it('refuses a request without the token', async () => {
    for (const [path, headers] of [
      ['/', {}],
      ['/?token=wrong', {}],
      ['/', { cookie: `${cookie}x` }],
    ] as const)
      expect(await send(path, headers)).toMatchObject({ status: 401 });
    expect(await send(`/?token=${token}`, { method: 'POST' })).toMatchObject({ status: 401 });
  });

  it.each(['evil.example', 'evil.example:80', '127.0.0.1', 'localhost'])('refuses the host %s', async (host) => {
    expect(await send('/', { cookie, host })).toMatchObject({ status: 403 });
    expect(await send(`/?token=${token}`, { host })).toMatchObject({ status: 403 });
  });

  it('does not redirect to another host', async () => {
    for (const path of [`//evil.example/?token=${token}`, `http://evil.example/?token=${token}`])
      expect(await send(path)).toMatchObject({ status: 400 });
  });

  it('passes on the form and the headers that the board checks, and allows no other site', async () => {
    const page = { method: 'POST', body: 'for=1h', cookie, origin: 'https://evil.example' };
    const { headers } = await send('/streams/ORDERS/consumers/billing/pause', page);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect(asked.at(-1)).toEqual({
      method: 'POST',
      url: '/streams/ORDERS/consumers/billing/pause',
      headers: { host: `127.0.0.1:${port}`, origin: 'https://evil.example' },
      form: 'for=1h',
    });
    expect(actions).toEqual(['POST /streams/ORDERS/consumers/billing/pause (200)']);
  });

  it('refuses other methods and long forms', async () => {
    expect(await send('/', { cookie, method: 'OPTIONS' })).toMatchObject({ status: 405 });
    expect(await send('/', { cookie, method: 'POST', body: 'x'.repeat(300_000) })).toMatchObject({ status: 413 });
  });
});
