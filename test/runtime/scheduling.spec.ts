import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  defineStream,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  subject,
  subjectTemplate,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';

interface ReminderEvent {
  text: string;
}

const REMINDER_DUE = subject<ReminderEvent>()('reminder.due');
const REMINDER_PLAN = subjectTemplate<ReminderEvent>()('reminder-plan.:id');
const RemindersStream = defineStream({
  name: 'REMINDERS',
  subjects: ['reminder.>', 'reminder-plan.>'],
  events: { REMINDER_DUE },
  allowMessageSchedules: true,
  allowMessageTtl: true,
});

const due: string[] = [];
const seen: string[] = [];

@Controller()
class Reminders {
  @JetStreamConsumer(REMINDER_DUE, { durable: 'reminders' })
  remind(@Payload() { text }: ReminderEvent, @Ctx() { headers }: NatsJetStreamContext): void {
    due.push(`${text} ${headers?.get('Nats-Scheduler')}`);
  }

  @JetStreamConsumer('reminder.>', { durable: 'audit' })
  audit(@Ctx() { subject: of }: NatsJetStreamContext): void {
    seen.push(of);
  }
}

let server: TestServer;
let client: NatsJetStreamClientProxy;
const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1_000);
const planned = (specification: Date | string) => ({ schedule: { specification, target: REMINDER_DUE } });

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  const app = await startTestApp(server.url, { controllers: [Reminders], streams: [RemindersStream] });
  client = app.get(NatsJetStreamClientProxy);
  due.length = 0;
  seen.length = 0;
});

describe('a scheduled event', () => {
  it('is delivered once with the last schedule of its subject, unless that was cancelled', async () => {
    const [first, second, third] = ['1', '2', '3'].map((id) => REMINDER_PLAN.for({ id }));
    await client.emitAsync(first!, { text: 'replaced' }, planned(inSeconds(3_600)));
    await client.emitAsync(first!, { text: 'replacing' }, planned(inSeconds(1)));
    await client.emitAsync(second!, { text: 'cancelled' }, planned(inSeconds(3_600)));
    await client.emitAsync(REMINDER_DUE, { text: 'instead' }, { cancelSchedule: { scheduleSubject: second! } });
    await client.emitAsync(third!, { text: 'later' }, planned(inSeconds(3)));

    await eventually('the last one is due', () => due.some((text) => text.startsWith('later')));

    expect(due.map((text) => text.split(' ')[0])).toEqual(['instead', 'replacing', 'later']);
    // The schedules themselves are not below 'reminder.>'.
    await eventually('all are seen', () => seen.length === 3);
    expect(new Set(seen)).toEqual(new Set(['reminder.due']));
    const { manager } = await probe(server.url);
    expect(await manager.streams.getMessage('REMINDERS', { last_by_subj: 'reminder-plan.>' })).toBeNull();
  });

  it('is delivered repeatedly until its schedule is cancelled', async () => {
    const plan = REMINDER_PLAN.for({ id: 'every' });
    await client.emitAsync(plan, { text: 'again' }, planned('@every 1s'));

    await eventually('it is due twice', () => due.length >= 2);
    await client.emitAsync(REMINDER_DUE, { text: 'end' }, { cancelSchedule: { scheduleSubject: plan } });

    expect(due[0]).toBe('again reminder-plan.every');
    const { manager } = await probe(server.url);
    expect(await manager.streams.getMessage('REMINDERS', { last_by_subj: plan })).toBeNull();
  });

  it('is refused with a specification that the server does not know', async () => {
    const refused = client.emitAsync(REMINDER_PLAN.for({ id: 'wrong' }), { text: 'never' }, planned('@never'));
    await expect(refused).rejects.toMatchObject({ code: 'PUBLISH_REFUSED' });
    const elsewhere = { specification: inSeconds(1), target: 'order.created' };
    const outside = client.emitAsync(REMINDER_PLAN.for({ id: 'out' }), { text: 'never' }, { schedule: elsewhere });
    await expect(outside).rejects.toMatchObject({ code: 'PUBLISH_REFUSED' });
  });
});

it('removes an event after its ttl', async () => {
  const { manager } = await probe(server.url);
  const { seq } = await client.emitAsync('reminder.short', {}, { ttl: '1s' });

  await eventually('it is gone', async () => (await manager.streams.getMessage('REMINDERS', { seq })) === null);
});
