import {
  Controller,
  Injectable,
  Module,
  UnauthorizedException,
  VersioningType,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { JetStreamConsumer } from '@nest-jetstream/transport';
import { JetStreamBoard } from '@nest-jetstream/transport/board';
import { startBoardApp, type Platform } from '../../support/board-app';
import { logLines } from '../../support/log-lines';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { startTestApp } from '../../support/nest-app';
import { ORDER_CREATED, OrdersStream } from '../../support/orders';

const OPEN = { open: 'only a test' };

@Injectable()
class Users {
  readonly names = ['ada'];
}

@Module({ providers: [Users], exports: [Users] })
class UsersModule {}

@Injectable()
class UserGuard implements CanActivate {
  constructor(private readonly users: Users) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    if (this.users.names.includes(headers['x-user'] ?? '')) return true;
    throw new UnauthorizedException();
  }
}

@Controller()
class Billing {
  @JetStreamConsumer(ORDER_CREATED, { durable: 'billing' })
  handle(): void {}
}

describe('JetStreamBoard.forRoot', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });

  it('refuses a board without guards, and names the remedy', () => {
    expect(() => JetStreamBoard.forRoot({})).toThrow(
      expect.objectContaining({
        code: 'BOARD_UNGUARDED',
        message: expect.stringContaining('guards: [AdminGuard]') as string,
      }),
    );
    expect(() => JetStreamBoard.forRoot({ guards: [] })).toThrow(expect.objectContaining({ code: 'BOARD_UNGUARDED' }));
    expect(() => JetStreamBoard.forRoot({ open: ' ' })).toThrow(expect.objectContaining({ code: 'BOARD_UNGUARDED' }));
  });

  it.each([
    [{ ...OPEN, gards: [] }, "Unknown option 'gards' of JetStreamBoard.forRoot(). Did you mean 'guards'?"],
    [
      { ...OPEN, actions: 'yes' },
      "Option 'actions' of JetStreamBoard.forRoot() must be true or false, but it is a string.",
    ],
    [{ ...OPEN, guards: [UserGuard] }, "'guards' and 'open' cannot be combined"],
    [undefined, 'must be an object'],
  ])('refuses the options %j', (options, message) => {
    expect(() => JetStreamBoard.forRoot(options as never)).toThrow(message);
  });

  it('fails startup without a registered connection', async () => {
    const board = JetStreamBoard.forRoot({ ...OPEN, connection: 'billing' });
    await expect(startTestApp(server.url, { modules: [board] })).rejects.toMatchObject({ code: 'NOT_REGISTERED' });
  });
});

describe.each<Platform>(['Express', 'Fastify'])('JetStreamBoard with %s', (platform) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });

  it('serves no route unless it is imported', async () => {
    const { get } = await startBoardApp(server.url, undefined, { platform });
    expect((await get('/jetstream')).status).toBe(404);
  });

  it('lets its guards decide about each page, with the providers of its imports', async () => {
    const { get, post } = await startBoardApp(server.url, {
      guards: [UserGuard],
      imports: [UsersModule],
      actions: true,
    });
    for (const path of ['', '/assets/board.css', '/streams/ORDERS', '/streams/ORDERS/dead-letters', '/jobs/1'])
      expect(await get(`/jetstream${path}`)).toMatchObject({ status: 401 });
    expect(await post('/jetstream/streams/ORDERS/dead-letters/redrive')).toMatchObject({ status: 401 });
    expect(await get('/jetstream', { 'x-user': 'ada' })).toMatchObject({ status: 200 });
  });

  it('applies global guards, the prefix, versioning and interceptors of the application', async () => {
    const seen: string[] = [];
    const wrap: NestInterceptor = {
      intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
        seen.push(context.getClass().name);
        return next.handle().pipe(map((data: unknown) => ({ data })));
      },
    };
    const { lines, logger } = logLines();
    const { get } = await startBoardApp(
      server.url,
      { path: 'admin/board', open: 'a global guard protects it' },
      {
        logger,
        platform,
        streams: [OrdersStream],
        controllers: [Billing],
        configure: (app) =>
          app
            .setGlobalPrefix('api')
            .enableVersioning({ type: VersioningType.URI, defaultVersion: '1' })
            .useGlobalGuards(new UserGuard(new Users()))
            .useGlobalInterceptors(wrap),
      },
    );
    expect(lines).toContain(
      "The board at 'admin/board' has no guards of its own, because 'a global guard protects it'.",
    );
    expect(await get('/api/admin/board')).toMatchObject({ status: 401 });
    const user = { 'x-user': 'ada' };
    const page = await get('/api/admin/board', user);
    expect(page).toMatchObject({ status: 200, text: expect.stringMatching(/^<!doctype html>/) as string });
    expect(seen).toEqual(['JetStreamBoardController']);
    // Its links work behind the prefix, on each level.
    const [, link = ''] = /href="([^"]*streams\/ORDERS)"/.exec(page.text) ?? [];
    const stream = new URL(link, 'http://host/api/admin/board').pathname;
    expect(await get(stream, user)).toMatchObject({ status: 200 });
    const [, overview = ''] = /<header><a href="([^"]*)"/.exec((await get(stream, user)).text) ?? [];
    expect(await get(new URL(overview, `http://host${stream}`).pathname, user)).toMatchObject({ status: 200 });
    const [, style = ''] = /href="([^"]*board\.css[^"]*)"/.exec((await get(stream, user)).text) ?? [];
    const { pathname, search } = new URL(style, `http://host${stream}`);
    expect((await get(pathname + search, user)).headers.get('content-type')).toBe('text/css; charset=utf-8');
  });

  it('sends pages that may load nothing from elsewhere, and are not stored', async () => {
    const { get } = await startBoardApp(server.url, OPEN, { platform });
    const { headers, text } = await get('/jetstream');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(text).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=|javascript:/);
  });

  describe('without actions', () => {
    it('has no route that changes something, and no button', async () => {
      const { get, post } = await startBoardApp(server.url, OPEN, {
        platform,
        streams: [OrdersStream],
        controllers: [Billing],
      });
      for (const action of [
        'consumers/billing/pause',
        'consumers/billing/resume',
        'dead-letters/redrive',
        'dead-letters/purge',
      ])
        expect(await post(`/jetstream/streams/ORDERS/${action}`)).toMatchObject({ status: 404 });
      expect((await get('/jetstream/streams/ORDERS/consumers/billing')).text).not.toContain('method="post"');
    });
  });

  describe('with actions', () => {
    it.each([
      ['another site', { 'sec-fetch-site': 'cross-site' }, 403],
      ['another port', { 'sec-fetch-site': 'same-site' }, 403],
      ['another origin of an older browser', { origin: 'https://evil.example' }, 403],
      ['no origin', {}, 403],
      ['a sandboxed page', { origin: 'null' }, 403],
      ['the board', { 'sec-fetch-site': 'same-origin' }, 303],
      ['the board behind a proxy', { origin: 'https://admin.example', 'x-forwarded-host': 'admin.example' }, 303],
    ])('answers a POST from %s', async (_from, headers, status) => {
      const { post } = await startBoardApp(
        server.url,
        { ...OPEN, actions: true },
        {
          platform,
          streams: [OrdersStream],
          controllers: [Billing],
        },
      );
      expect(await post('/jetstream/streams/ORDERS/consumers/billing/pause', [['for', '1h']], headers)).toMatchObject({
        status,
      });
    });
  });
});
