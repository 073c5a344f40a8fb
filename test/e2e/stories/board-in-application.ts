import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fieldsOf, firstOf } from '../../support/board-forms';
import { eventually } from '../../support/eventually';
import { probe } from '../../support/jetstream-probe';
import { startTestServer } from '../../support/nats-server';
import type { NestProject } from '../../support/nest-project';
import { startApp } from '../../support/running-app';

const SOURCE = join(__dirname, '..', 'fixtures', 'board', 'main.ts');
const BOARD = '/api/jetstream';
const LETTERS = `${BOARD}/streams/ORDERS/dead-letters`;
const ADMIN = { 'x-user': 'admin' };

/** A service beside the given project that has a board behind a guard and a global prefix. */
export function boardInApplication(projectOf: () => NestProject): void {
  let project: NestProject;

  beforeAll(async () => {
    project = await projectOf().sibling('board');
    await copyFile(SOURCE, join(project.path, 'src', 'main.ts'));
    await project.run('npm', 'run', 'build');
  });

  it('serves pages to admitted users, and redrives a dead letter by a form', async () => {
    const server = await startTestServer();
    const app = await startApp(project, server.url);
    const get = async (path: string, headers = {}) => fetch(`${app.url}${path}`, { headers });
    const post = async (fields: readonly (readonly [string, string])[], headers: Record<string, string>) =>
      fetch(`${app.url}${LETTERS}/redrive`, {
        method: 'POST',
        redirect: 'manual',
        headers,
        body: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])),
      });

    expect((await get('/jetstream', ADMIN)).status).toBe(404);
    expect((await get(BOARD)).status).toBe(403);
    const overview = await get(BOARD, ADMIN);
    expect(overview.status).toBe(200);
    expect(await overview.text()).toContain('streams/ORDERS"');

    const { client } = await probe(server.url);
    await client.publish('order.created', JSON.stringify({ id: 7 }));
    let list = '';
    await eventually('a dead letter', async () => {
      list = await (await get(LETTERS, ADMIN)).text();
      return firstOf(list) !== '';
    });
    const form = [...fieldsOf(list), ['select', firstOf(list)] as const];
    const sameOrigin = { 'sec-fetch-site': 'same-origin' };
    expect((await post(form, sameOrigin)).status).toBe(403);
    expect((await post(form, { ...ADMIN, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post(form, { ...ADMIN, ...sameOrigin })).status).toBe(303);
    await app.waitForLog(/\[Orders\].*handled 7\./);
    await app.stop();
  });
}
