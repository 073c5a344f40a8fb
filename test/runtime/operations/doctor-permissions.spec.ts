import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Module } from '@nestjs/common';
import { JetStreamConsumer, NatsJetStreamTransport } from '@nest-jetstream/transport';
import { diagnose, type Diagnosis } from '../../../runtime/src/operations';
import { describeApplication } from '../../../runtime/src/operations/describe-application';
import { subjectMatches } from '../../../runtime/src/subject/subject-match';
import { startConfiguredServer } from '../../support/configured-server';
import { startTestApp } from '../../support/nest-app';
import { ORDER_CREATED, OrdersStream } from '../../support/orders';

const GUIDE = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'permissions.md'), 'utf8');
const MODES = ['apply', 'verify', 'none'] as const;
type Mode = (typeof MODES)[number];

/** Returns the documented publish permissions of a service. */
function documented(mode: Mode): string[] {
  const [, section = ''] = new RegExp(`user: ${mode},[\\s\\S]*?publish: \\[([\\s\\S]*?)\\]`).exec(GUIDE) ?? [];
  return [...section.matchAll(/"([^"]+)"/g)].map(([, subject = '']) => subject);
}

function userText(name: string, allowed: readonly string[], more = ''): string {
  const subjects = ['$SYS.REQ.USER.INFO', ...allowed].map((subject) => `"${subject}"`).join(', ');
  return `{ user: "${name}", password: test, permissions: { publish: { allow: [${subjects}] ${more} }, subscribe: ["_INBOX.>"] } }`;
}

@Controller()
class Orders {
  @JetStreamConsumer(ORDER_CREATED, { durable: 'shop-order-created' })
  handle(): void {}
}

let url: string;
beforeAll(async () => {
  const users = MODES.flatMap((mode) => {
    const all = documented(mode);
    const without = all.map((left, at) =>
      userText(
        `${mode}-${at}`,
        all.filter((subject) => subject !== left),
      ),
    );
    return [userText(mode, all), userText(`${mode}-denied`, all, ', deny: ["$JS.ACK.>"]'), ...without];
  });
  const open = '{ user: all, password: test }, { user: blind, password: test, permissions: { publish: ["$JS.>"] } }';
  ({ url } = await startConfiguredServer(
    `accounts { SHOP { jetstream: enabled, users: [ ${[open, ...users].join('\n')} ] } }\nno_auth_user: all`,
  ));
  await (await startTestApp(url, { id: 'shop', controllers: [Orders], streams: [OrdersStream] })).close();
});

/** Diagnoses the service with a user of the server. */
async function diagnosisOf(user: string, provisioning: Mode = 'apply'): Promise<Diagnosis> {
  @Module({
    imports: [
      NatsJetStreamTransport.register({
        id: 'shop',
        provisioning,
        connectionOptions: { servers: url, user, pass: 'test' },
      }),
      NatsJetStreamTransport.forFeature({ streams: [OrdersStream] }),
    ],
    controllers: [Orders],
  })
  class AppModule {}
  const [service] = await describeApplication(AppModule);
  if (!service) throw new Error('no connection');
  return diagnose(service.session, { service });
}

/** Returns the subjects that a diagnosis names as missing. */
function missing({ findings }: Diagnosis): string[] {
  return findings
    .filter(({ code }) => code.endsWith('PERMISSION_MISSING'))
    .map(({ remedy }) => /'([^']+)'/.exec(remedy)?.[1] ?? '');
}

describe.each(MODES)("diagnose checks permissions with provisioning '%s'", (mode) => {
  it('finds nothing with the documented permissions', async () => {
    const diagnosis = await diagnosisOf(mode, mode);
    // The service that only handles events may not publish them.
    expect(missing(diagnosis)).toEqual(mode === 'apply' ? [] : ['order.>']);
    expect(diagnosis.denied).toContain('$JS.API.INFO');
  });

  it('finds each documented permission that is missing', async () => {
    for (const [at, left] of documented(mode).entries()) {
      const found = missing(await diagnosisOf(`${mode}-${at}`, mode)).filter(
        (subject) => subject !== 'order.>' || left === subject,
      );
      expect([left, found.length > 0, found.filter((subject) => !subjectMatches(subject, left))]).toEqual([
        left,
        true,
        [],
      ]);
    }
  });

  it('finds denied subjects', async () => {
    expect(missing(await diagnosisOf(`${mode}-denied`, mode))).toContain('$JS.ACK.ORDERS.shop-order-created.>');
  });
});

describe('diagnose checks permissions', () => {
  it('finds nothing for a user without permissions', async () => {
    const diagnosis = await diagnosisOf('all');
    expect(missing(diagnosis)).toEqual([]);
    expect(diagnosis.denied).toEqual([]);
  });

  it('names the subject that it needs itself', async () => {
    const diagnosis = await diagnosisOf('blind');
    expect(missing(diagnosis)).toEqual([]);
    expect(diagnosis.denied).toEqual(['$SYS.REQ.USER.INFO']);
  });
});
