import { readStatus, type ServerStatus, type StreamStatus } from '../../operations';
import { MissingStreamError } from '../../errors/admin.errors';
import { assertStreamName } from '../../stream/define-stream';
import { count, counted, size } from '../format';
import { html } from '../html';
import type { Visit } from '../visit';
import { consumerColumns } from './consumer-table';
import { facts, type Page } from './layout';
import { ageOf, deniedNote } from './overview';
import { paged } from './pager';
import { table } from './table';

/** Shows a stream and its consumers. */
export async function streamPage({ session, params, query, links }: Visit): Promise<Page> {
  const { stream = '' } = params;
  const { state, status } = await readStream(session, stream);
  const page = paged(status.consumers, query.get('page'), (number) => `${links.stream(stream)}?page=${number}`);
  return {
    title: `Stream ${stream}`,
    path: [['Streams', links.overview]],
    body: html` ${deniedNote(status.denied)}
      ${facts(
        ['Subjects', state.subjects.join(', ')],
        ['Messages', count(state.messages)],
        ['Size', size(state.bytes)],
        ['Oldest message', ageOf(state.oldestSeconds)],
        ['Replicas', state.replicas],
        ['Dead letters', html`<a href="${links.deadLetters(stream)}">${deadLetterCount(state)}</a>`],
      )}
      <h2>Consumers</h2>
      ${table(counted(status.consumers.length, 'consumer'), consumerColumns(links), page.rows)} ${page.links}`,
  };
}

/**
 * Reads the state of one stream.
 * @throws InvalidOptionError (`INVALID_OPTION`), MissingStreamError (`MISSING_STREAM`)
 */
export async function readStream(
  session: Visit['session'],
  stream: string,
): Promise<{ readonly state: StreamStatus; readonly status: ServerStatus }> {
  assertStreamName(stream);
  const status = await readStatus(session, { streams: [stream] });
  const state = status.streams.find((each) => each.stream === stream);
  if (!state) throw new MissingStreamError(stream);
  return { state, status };
}

function deadLetterCount({ deadLetters }: StreamStatus): string {
  return deadLetters === undefined ? 'unknown' : count(deadLetters);
}
