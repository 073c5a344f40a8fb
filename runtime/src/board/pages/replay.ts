import { InvalidOptionError } from '../../errors/configuration.errors';
import { replayConsumer, type ReplayOptions } from '../../operations';
import type { Redirect } from '../answer';
import { counted } from '../format';
import { html } from '../html';
import type { Visit } from '../visit';
import { note, pathTo, type Page } from './layout';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Shows what a replay would do, and asks for a confirmation. */
export async function replayPage({ session, params, query, links }: Visit): Promise<Page> {
  const { stream = '', durable = '' } = params;
  const start = startOf(query.get('from') ?? '');
  const { messages, fromSequence, unacknowledged } = await replayConsumer(session, {
    stream,
    durable,
    ...start,
    dryRun: true,
  });
  const address = links.consumer(stream, durable);
  const count = counted(messages, 'message');
  const open = unacknowledged > 0 && ` ${counted(unacknowledged, 'message')} of them are not acknowledged yet.`;
  return {
    title: `Replay ${durable}`,
    path: pathTo(stream, links, [durable, address]),
    body:
      messages === 0
        ? note(`${durable} has handled no message from sequence ${fromSequence} on.`)
        : html`${note([`${count} will be delivered to ${durable} again, from sequence ${fromSequence} on.`, open])}
            <form method="post" action="${address}/replay">
              <input type="hidden" name="from" value="${fromSequence}" />
              <button>Replay ${count}</button>
              <a href="${address}">Cancel</a>
            </form>`,
  };
}

/** Replays from the confirmed sequence. */
export async function replayConfirmed({ session, params, form, links, log }: Visit): Promise<Redirect> {
  const { stream = '', durable = '' } = params;
  const { messages, fromSequence } = await replayConsumer(session, {
    stream,
    durable,
    ...startOf(form.get('from') ?? ''),
  });
  log(
    `Replayed ${counted(messages, 'message')} of stream '${stream}' to consumer '${durable}' from sequence ${fromSequence}`,
  );
  return { redirect: links.consumer(stream, durable) };
}

/** Reads a sequence, a duration or a time. */
function startOf(text: string, nowMs = Date.now()): Pick<ReplayOptions, 'fromSequence' | 'sinceMs'> {
  const from = text.trim();
  if (/^\d{1,15}$/.test(from)) return { fromSequence: Number(from) };
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(from) ?? [];
  if (amount !== undefined) return { sinceMs: nowMs - Number(amount) * (UNITS[unit] ?? 0) };
  const sinceMs = /^\d{4}-\d\d-\d\d/.test(from) ? Date.parse(from) : Number.NaN;
  if (!Number.isNaN(sinceMs)) return { sinceMs };
  throw new InvalidOptionError('from', text, 'pass a sequence such as 1200, 2h, or 2026-01-31T12:00Z');
}
