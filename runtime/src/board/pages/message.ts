import { showDeadLetter, type DeadLetterDetails } from '../../operations';
import { InvalidOptionError } from '../../errors/configuration.errors';
import { counted, since, size } from '../format';
import { html, type Html } from '../html';
import { indentedJson } from '../../operations/json-text';
import type { Visit } from '../visit';
import { deadLettersCreated, hiddenFields } from './dead-letter-selection';
import { facts, pathTo, type Page } from './layout';
import { table } from './table';

/** Shows one dead letter: its failure, its history, its headers and its body. */
export async function messagePage(visit: Visit): Promise<Page> {
  const { session, params, links, bodies, actions } = visit;
  const { stream = '', durable = '' } = params;
  const sequence = Number(params['sequence']);
  if (!Number.isSafeInteger(sequence) || sequence < 1)
    throw new InvalidOptionError('sequence', params['sequence'], 'pass the sequence of a message');
  const created = actions ? await deadLettersCreated(visit) : undefined;
  const letter = await showDeadLetter(session, { stream, durable, sequence, body: bodies });
  return {
    title: `Message ${sequence} of ${stream}`,
    path: pathTo(stream, links, ['Dead letters', links.deadLetters(stream, { durable })]),
    body: html` ${facts(
        ['Subject', letter.subject],
        ['Consumer', html`<a href="${links.consumer(stream, durable)}">${durable}</a>`],
        ['Message id', letter.messageId],
        ['Reason', letter.reason],
      )}
      ${created !== undefined && buttons(letter, visit, created)}
      <h2>History</h2>
      ${history(letter)}
      <h2>Headers</h2>
      ${table(counted(letter.headers.length, 'header'), HEADER_COLUMNS, letter.headers)}
      <h2>Body</h2>
      ${bodyOf(letter, bodies)}
      ${
        letter.stack !== '' &&
        html`<h2>Stack</h2>
          <pre>${letter.stack}</pre>`
      }`,
  };
}

const HEADER_COLUMNS = [
  { title: 'Name', cell: ({ name }: DeadLetterDetails['headers'][number]) => name },
  {
    title: 'Value',
    cell: ({ values }: DeadLetterDetails['headers'][number]) => values.map((value) => html`${value}<br />`),
  },
];

function buttons(
  { stream, durable, deadLetterSequence: select }: DeadLetterDetails,
  { links }: Visit,
  created: string,
): Html {
  const address = links.deadLetters(stream);
  return html`<form method="post" action="${address}/redrive">
    ${hiddenFields({ created, select })}
    <button>Redrive to ${durable}</button>
    <button class="danger" formaction="${address}/purge">Purge</button>
  </form>`;
}

function history({ publishedAt, attempts, redrives, firstReason, deadLetteredAt }: DeadLetterDetails): Html {
  return facts(
    ['Published', publishedAt === undefined ? undefined : html`${since(publishedAt)} (${publishedAt})`],
    ['First dead letter', firstReason],
    ['Redriven', redrives > 0 ? counted(redrives, 'time') : undefined],
    ['Failed', `${counted(attempts, 'attempt')}${redrives > 0 ? ' since the last redrive' : ''}`],
    ['Dead-lettered', html`${since(deadLetteredAt)} (${deadLetteredAt})`],
  );
}

function bodyOf({ body, bodyBytes }: DeadLetterDetails, bodies: boolean): Html {
  if (!bodies)
    return html`<p class="soft">
      ${bodyBytes !== undefined && `${size(bodyBytes)}, `}not shown. Set <code>bodies: true</code> to show it.
    </p>`;
  if (!body) return html`<p class="soft">The body could not be read.</p>`;
  const { format, text, bytes, isTruncated } = body;
  if (format === 'empty') return html`<p class="soft">The body is empty.</p>`;
  return html`<p class="soft">
      ${format.toUpperCase()}, ${size(bytes)}${isTruncated && ' (only the beginning is shown)'}
    </p>
    <pre>${format === 'json' ? indentedJson(text) : text}</pre>`;
}
