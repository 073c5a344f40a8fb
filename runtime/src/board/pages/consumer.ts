import { JetStreamAdmin } from '../../admin/jetstream-admin';
import { MissingConsumerError } from '../../errors/admin.errors';
import { InvalidOptionError } from '../../errors/configuration.errors';
import type { ConsumerStatus } from '../../operations';
import { assertDurableName } from '../../util/names';
import type { Redirect } from '../answer';
import { count, since } from '../format';
import { html, type Html } from '../html';
import type { Visit } from '../visit';
import { deadLettersOf, lagOf, stateOf } from './consumer-table';
import { facts, pathTo, type Page } from './layout';
import { deniedNote } from './overview';
import { readStream } from './stream';

const PAUSES: readonly [value: string, text: string, millis: number][] = [
  ['10m', '10 minutes', 600_000],
  ['1h', '1 hour', 3_600_000],
  ['1d', '1 day', 86_400_000],
  ['7d', '7 days', 604_800_000],
];

/** Shows a consumer, and the actions on it. */
export async function consumerPage(visit: Visit): Promise<Page> {
  const { session, params, links, actions } = visit;
  const { stream = '', durable = '' } = params;
  assertDurableName(durable);
  const { status } = await readStream(session, stream);
  const state = status.consumers.find(({ consumer }) => consumer === durable);
  if (!state) throw new MissingConsumerError(stream, durable);
  return {
    title: `Consumer ${durable}`,
    path: pathTo(stream, links),
    body: html` ${deniedNote(status.denied)}
    ${facts(
      ['Service', state.service],
      ['Lag', lagOf(state)],
      ['Pending', count(state.pending)],
      ['Unacknowledged', count(state.unacknowledged)],
      ['Redelivered', count(state.redelivered)],
      ['Last ack', since(state.lastAckAt)],
      ['State', stateOf(state)],
      ['Dead letters', deadLettersOf(state, links)],
    )}
    ${actions && actionsOf(state, visit)}`,
  };
}

function actionsOf(state: ConsumerStatus, { links }: Visit): Html {
  const address = links.consumer(state.stream, state.consumer);
  return html` <h2>Pause</h2>
    ${
      state.pausedUntil === undefined
        ? html`<form method="post" action="${address}/pause">
            <label
              >Stop new deliveries for
              <select name="for">
                ${PAUSES.map(([value, text]) => html`<option value="${value}">${text}</option>`)}
              </select></label
            >
            <button>Pause</button>
          </form>`
        : html`<form method="post" action="${address}/resume"><button>Resume</button></form>`
    }
    <h2>Replay</h2>
    <form action="${address}/replay">
      <label>From sequence or time <input name="from" required placeholder="1200, 2h or 2026-01-31T12:00Z" /></label>
      <button>Preview</button>
    </form>`;
}

/** Pauses the consumer. */
export async function pauseConsumer({ session, params, form, links, log }: Visit): Promise<Redirect> {
  const { stream = '', durable = '' } = params;
  const wanted = form.get('for');
  const [, , millis] = PAUSES.find(([value]) => value === wanted) ?? [];
  if (millis === undefined)
    throw new InvalidOptionError('for', wanted, `pass ${PAUSES.map(([value]) => value).join(', ')}`);
  const until = new Date(Date.now() + millis);
  await new JetStreamAdmin(session).pauseConsumer(stream, durable, until);
  log(`Paused consumer '${durable}' of stream '${stream}' until ${until.toISOString()}`);
  return { redirect: links.consumer(stream, durable) };
}

/** Ends the pause of the consumer. */
export async function resumeConsumer({ session, params, links, log }: Visit): Promise<Redirect> {
  const { stream = '', durable = '' } = params;
  await new JetStreamAdmin(session).resumeConsumer(stream, durable);
  log(`Resumed consumer '${durable}' of stream '${stream}'`);
  return { redirect: links.consumer(stream, durable) };
}
