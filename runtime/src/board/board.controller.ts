import { Controller, Get, Inject, Post, Req, Res, UseGuards, VERSION_NEUTRAL, type Type } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import type { Board } from './board';
import type { CheckedBoardOptions } from './board-options';
import { formOf } from './form';
import { routesOf } from './routes';

/** Common parts of the requests of Express and Fastify. */
interface HttpRequest {
  readonly originalUrl: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Common parts of the responses of Express and Fastify. */
interface HttpResponse {
  status(code: number): HttpResponse;
  header(name: string, value: string): HttpResponse;
  send(body: string): unknown;
}

/**
 * Creates the controller of a board: a route for each page and, with `actions`, each action.
 * Guards, the global prefix, versioning and interceptors apply to it as to any other controller.
 * @param token token of the board
 */
export function createBoardController(token: symbol, options: CheckedBoardOptions): Type<unknown> {
  const { path, guards, actions, actor } = options;

  @Controller({ path, version: VERSION_NEUTRAL })
  @UseGuards(...guards)
  class JetStreamBoardController {
    constructor(@Inject(token) readonly board: Board) {}
  }

  const { prototype } = JetStreamBoardController;
  for (const route of routesOf(actions)) {
    const name = `${route.method} /${route.path}`;
    const descriptor = {
      // The response is sent here, so that interceptors that wrap values do not change the page.
      async value(this: JetStreamBoardController, request: HttpRequest, response: HttpResponse): Promise<void> {
        const { originalUrl: url, headers, params } = request;
        const form = await formOf(request);
        const {
          status,
          headers: sent,
          body,
        } = await this.board.respond(route, {
          url,
          headers,
          params,
          form,
          actor: actor?.(request),
        });
        response.status(status);
        for (const [header, value] of Object.entries(sent)) response.header(header, value);
        response.send(body);
      },
    };
    Object.defineProperty(prototype, name, descriptor);
    (route.method === 'GET' ? Get : Post)(route.path)(prototype, name, descriptor);
    Req()(prototype, name, 0);
    Res()(prototype, name, 1);
  }
  return JetStreamBoardController;
}
