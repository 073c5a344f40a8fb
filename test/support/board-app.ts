import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { JetStreamBoard, type JetStreamBoardOptions } from '@nest-jetstream/transport/board';
import { startTestApp, type TestAppOptions } from './nest-app';

export type Platform = 'Express' | 'Fastify';

const ADAPTERS = {
  Express: () => new ExpressAdapter(),
  Fastify: () => new FastifyAdapter(),
} satisfies Record<Platform, () => AbstractHttpAdapter>;

export interface BoardAppOptions extends TestAppOptions {
  /** Default: Express. */
  platform?: Platform;
}

export interface BoardApp {
  readonly app: INestApplication;
  /** Address of the application, without a path. */
  readonly origin: string;
  /** Requests a path of the application, and does not follow redirects. */
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Answer>;
  /** Posts a form as a page of the board does. */
  readonly post: (
    path: string,
    fields?: readonly (readonly [string, string])[],
    headers?: Record<string, string>,
  ) => Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * Starts an application with a board and an HTTP port. Undefined as `board` leaves the board out.
 */
export async function startBoardApp(
  url: string,
  board: JetStreamBoardOptions | undefined,
  { platform = 'Express', ...options }: BoardAppOptions = {},
): Promise<BoardApp> {
  const adapter = ADAPTERS[platform]();
  const modules = [...(options.modules ?? []), ...(board ? [JetStreamBoard.forRoot(board)] : [])];
  const app = (await startTestApp(url, { ...options, modules, adapter })) as INestApplication;
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const request = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(`${origin}${path}`, { redirect: 'manual', ...init });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return {
    app,
    origin,
    get: async (path, headers = {}) => request(path, { headers }),
    post: async (path, fields = [], headers = { 'sec-fetch-site': 'same-origin' }) =>
      request(path, {
        method: 'POST',
        headers,
        body: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])),
      }),
  };
}
