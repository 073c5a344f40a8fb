import {
  listDeadLetters,
  purgeDeadLetters,
  redriveDeadLetters,
  type DeadLetterChange,
  type DeadLetterEntry,
  type DeadLetterGroup,
  type DeadLettersRedriven,
} from '../../operations';
import { failureText } from '../../errors/thrown-value';
import type { Redirect } from '../answer';
import { counted, since } from '../format';
import { html, type Content, type Html } from '../html';
import type { Job } from '../jobs';
import type { Links } from '../links';
import type { Visit } from '../visit';
import {
  filterFields,
  filterForm,
  filterText,
  fixedFields,
  shownReason,
  type FilterFields,
} from './dead-letter-filter';
import { deadLettersCreated, encodedFilter, hiddenFields, selectionOf, type Selection } from './dead-letter-selection';
import { jobNote } from './job';
import { note, pathTo, type Page } from './layout';
import { PAGE_ROWS } from './pager';
import { table, type Column } from './table';

const SHOWN_GROUPS = 50;
const SHOWN_FAILURES = 20;

/** Shows the dead letters of a stream by reason, and one by one. */
export async function deadLettersPage(visit: Visit): Promise<Page> {
  const { session, params, query, links, jobs, actions } = visit;
  const { stream = '' } = params;
  const fields = filterFields(query);
  const after = Number(query.get('after')) || 0;
  const created = actions ? await deadLettersCreated(visit) : undefined;
  const list = await listDeadLetters(session, { ...fixedFields(fields), stream, limit: PAGE_ROWS, after });
  const job = jobs.running(stream) ?? jobs.get(query.get('job') ?? '');
  const last = list.letters.at(-1)?.deadLetterSequence ?? 0;
  const shown = fields.reasonGroup !== undefined && html`<p>Reason <code>${shownReason(fields.reasonGroup)}</code></p>`;
  return {
    title: `Dead letters of ${stream}`,
    path: pathTo(stream, links),
    body: html` ${job && jobNote(job, links)} ${filterForm(fields, links.deadLetters(stream))} ${shown}
      ${Object.keys(fields).length > 0 && html`<p><a href="${links.deadLetters(stream)}">All dead letters of ${stream}</a></p>`}
      <h2>By reason</h2>
      ${table(counted(list.count, 'dead letter'), groupColumns(links), list.groups.slice(0, SHOWN_GROUPS))}
      <h2>One by one</h2>
      ${listForm(list.letters, list.count, fields, visit, created)}
      <p>
        ${after > 0 && html`<a href="${links.deadLetters(stream, fields)}">First page</a> `}${
          list.hasMore && html`<a href="${links.deadLetters(stream, { ...fields, after: String(last) })}">Next page</a>`
        }
      </p>`,
  };
}

function listForm(
  letters: readonly DeadLetterEntry[],
  count: number,
  fields: FilterFields,
  { links, params }: Visit,
  created: string | undefined,
): Html {
  const { stream = '' } = params;
  if (created === undefined || letters.length === 0) return table('Oldest first', letterColumns(links), letters);
  const select: Column<DeadLetterEntry> = {
    title: 'Select',
    cell: ({ deadLetterSequence, durable, sequence }) =>
      html`<input
        type="checkbox"
        name="select"
        value="${deadLetterSequence}"
        aria-label="Select ${durable} ${sequence}"
      />`,
  };
  const address = links.deadLetters(stream);
  const all = counted(count, 'dead letter');
  return html`<form method="post" action="${address}/redrive">
    ${hiddenFields({ created, filter: encodedFilter(fields) })}
    ${table('Oldest first', [select, ...letterColumns(links)], letters)}
    <label
      ><span><input type="checkbox" data-all /> Select this page</span></label
    >
    <button>Redrive selected</button>
    <button class="danger" formaction="${address}/purge">Purge selected</button>
    <button name="all" value="yes">Redrive all (${all})</button>
    <button class="danger" name="all" value="yes" formaction="${address}/purge">Purge all (${all})</button>
  </form>`;
}

/** Redrives the selected dead letters at once, and all of a filter after a confirmation. */
export async function redriveSelected(visit: Visit): Promise<Page | Redirect> {
  const { session, params } = visit;
  const { stream = '' } = params;
  const selected = selectionOf(visit);
  const { options, isAll, isBounded, isConfirmed } = selected;
  if (isAll ? !isConfirmed : !isBounded)
    return confirmPage(
      visit,
      'redrive',
      selected,
      await redriveDeadLetters(session, { ...options, stream, dryRun: true }),
    );
  return begin(visit, 'Redrive', selected, async (onProgress, signal) => {
    const done = await redriveDeadLetters(session, { ...options, stream, onProgress, signal });
    return [`${counted(done.redriven, 'dead letter')} redriven.`, ...failuresOf(done), ...endOf(done)];
  });
}

/** Purges dead letters after a confirmation. */
export async function purgeSelected(visit: Visit): Promise<Page | Redirect> {
  const { session, params } = visit;
  const { stream = '' } = params;
  const selected = selectionOf(visit);
  const { options } = selected;
  if (!selected.isConfirmed)
    return confirmPage(visit, 'purge', selected, await purgeDeadLetters(session, { ...options, stream, dryRun: true }));
  return begin(visit, 'Purge', selected, async (onProgress, signal) => {
    const done = await purgeDeadLetters(session, { ...options, stream, onProgress, signal });
    return [`${counted(done.purged, 'dead letter')} purged.`, ...endOf(done)];
  });
}

function confirmPage(
  { params, links }: Visit,
  verb: 'redrive' | 'purge',
  { isAll, fields, sequences }: Selection,
  { selection: { streamCreated: created, deadLetterSequences }, groups }: DeadLetterChange,
): Page {
  const { stream = '' } = params;
  const address = links.deadLetters(stream);
  const letters = counted(deadLetterSequences.length, 'dead letter');
  const consequence =
    verb === 'redrive'
      ? `${letters} of ${stream} will be given back to the consumers that failed.`
      : `${letters} of ${stream} will be removed permanently. The messages cannot be redriven afterwards.`;
  const last = deadLetterSequences.at(-1) ?? 0;
  const selected = isAll
    ? hiddenFields({ all: 'yes', filter: encodedFilter(fields), last })
    : sequences.map((select) => hiddenFields({ select }));
  const filter = filterText(fields);
  return {
    title: verb === 'redrive' ? 'Redrive dead letters' : 'Purge dead letters',
    path: pathTo(stream, links, ['Dead letters', address]),
    body: html`
${note(consequence, verb === 'purge' ? 'bad' : 'plain')}
${filter !== '' && html`<p>Selected by ${filter}.</p>`}
${table(letters, groupColumns(links), groups.slice(0, SHOWN_GROUPS))}
<form method="post" action="${address}/${verb}">
${hiddenFields({ confirmed: 'yes', created })}${selected}
<button${verb === 'purge' && html` class="danger"`}>${verb === 'redrive' ? 'Redrive' : 'Purge'} ${letters}</button>
<a href="${address}">Cancel</a>
</form>`,
  };
}

/**
 * Begins a job, and shows its progress or, if it is quick, its result. Does nothing while another
 * job of the stream runs.
 */
async function begin(
  { params, links, jobs, log }: Visit,
  verb: 'Redrive' | 'Purge',
  { isAll, fields, sequences }: Selection,
  work: Parameters<Visit['jobs']['begin']>[2],
): Promise<Page | Redirect> {
  const { stream = '' } = params;
  const running = jobs.running(stream);
  if (running)
    return {
      title: 'Another action is running',
      status: 409,
      path: pathTo(stream, links, ['Dead letters', links.deadLetters(stream)]),
      body: html`${jobNote(running, links)}
        <p>
          One action runs for each stream at a time. Nothing was changed. Repeat the action when the other has ended.
        </p>`,
    };
  const selected = isAll ? filterText(fields) || 'all' : `${sequences.length} selected`;
  const title = `${verb} dead letters of stream '${stream}' (${selected})`;
  log(title);
  const job: Job = await jobs.begin(stream, title, async (report, signal) => {
    try {
      const result = await work(report, signal);
      log(`${title}: ${result.join(' ')}`);
      return result;
    } catch (error) {
      log(`${title} failed: ${failureText(error)}`);
      throw error;
    }
  });
  return { redirect: job.result ? links.deadLetters(stream, { job: job.id }) : links.job(job.id) };
}

function failuresOf({ failures }: DeadLettersRedriven): string[] {
  const shown = failures
    .slice(0, SHOWN_FAILURES)
    .map(({ durable, sequence, code, message }) => `${durable} ${sequence} is kept: ${code}. ${message}`);
  if (failures.length > SHOWN_FAILURES) shown.push(`${failures.length - SHOWN_FAILURES} more are kept.`);
  return shown;
}

function endOf({ isComplete }: DeadLetterChange): string[] {
  return isComplete ? [] : ['It ended before the last one.'];
}

function groupColumns(links: Links): Column<DeadLetterGroup>[] {
  return [
    {
      title: 'Reason',
      cell: ({ stream, durable, reason }) =>
        html`<a href="${links.deadLetters(stream, { durable, reasonGroup: reason })}">${shownReason(reason)}</a>`,
    },
    { title: 'Durable', cell: ({ durable }) => durable },
    { title: 'Count', isNumber: true, cell: ({ count }) => count.toLocaleString('en') },
    { title: 'Oldest', cell: ({ oldest }) => since(oldest) },
    { title: 'Newest', cell: ({ newest }) => since(newest) },
  ];
}

function letterColumns(links: Links): Column<DeadLetterEntry>[] {
  return [
    { title: 'Message', cell: (letter) => messageLink(letter, links) },
    { title: 'Durable', cell: ({ durable }) => durable },
    { title: 'Subject', cell: ({ subject }) => subject },
    { title: 'Reason', cell: ({ reason }) => shortened(reason) },
    { title: 'Attempts', isNumber: true, cell: ({ attempts }) => attempts },
    { title: 'Redrives', isNumber: true, cell: ({ redrives }) => redrives },
    { title: 'Dead-lettered', cell: ({ deadLetteredAt }) => since(deadLetteredAt) },
  ];
}

/** A dead letter of another client has no sequence, and so no page. */
function messageLink({ stream, durable, sequence }: DeadLetterEntry, links: Links): Content {
  if (sequence === 0) return html`<span class="soft">unknown</span>`;
  return html`<a href="${links.deadLetter(stream, durable, sequence)}">${sequence}</a>`;
}

const SHOWN_REASON = 200;

function shortened(reason: string): string {
  return reason.length > SHOWN_REASON ? `${reason.slice(0, SHOWN_REASON)}…` : reason;
}
