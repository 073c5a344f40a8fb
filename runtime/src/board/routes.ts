import { ASSETS } from './assets';
import type { Answer } from './answer';
import { html } from './html';
import { consumerPage, pauseConsumer, resumeConsumer } from './pages/consumer';
import { deadLettersPage, purgeSelected, redriveSelected } from './pages/dead-letters';
import { cancelJob, jobPage } from './pages/job';
import { messagePage } from './pages/message';
import { overviewPage } from './pages/overview';
import { replayConfirmed, replayPage } from './pages/replay';
import { streamPage } from './pages/stream';
import type { Visit } from './visit';

/** A page, a file or an action of the board. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** Path below that of the board, with parameters such as `:stream`. */
  readonly path: string;
  readonly answer: (visit: Visit) => Promise<Answer>;
  /** True if the answer needs no server. */
  readonly isLocal?: boolean;
}

const CONSUMER = 'streams/:stream/consumers/:durable';
const DEAD_LETTERS = 'streams/:stream/dead-letters';

const PAGES: readonly Route[] = [
  { method: 'GET', path: '', answer: overviewPage },
  { method: 'GET', path: 'assets/:file', answer: assetOf, isLocal: true },
  { method: 'GET', path: 'streams/:stream', answer: streamPage },
  { method: 'GET', path: CONSUMER, answer: consumerPage },
  { method: 'GET', path: DEAD_LETTERS, answer: deadLettersPage },
  { method: 'GET', path: `${DEAD_LETTERS}/:durable/:sequence`, answer: messagePage },
];

const ACTIONS: readonly Route[] = [
  { method: 'POST', path: `${CONSUMER}/pause`, answer: pauseConsumer },
  { method: 'POST', path: `${CONSUMER}/resume`, answer: resumeConsumer },
  { method: 'GET', path: `${CONSUMER}/replay`, answer: replayPage },
  { method: 'POST', path: `${CONSUMER}/replay`, answer: replayConfirmed },
  { method: 'POST', path: `${DEAD_LETTERS}/redrive`, answer: redriveSelected },
  { method: 'POST', path: `${DEAD_LETTERS}/purge`, answer: purgeSelected },
  { method: 'GET', path: 'jobs/:job', answer: jobPage, isLocal: true },
  { method: 'POST', path: 'jobs/:job/cancel', answer: cancelJob, isLocal: true },
];

/** Returns the routes of a board. Without actions, it has none that changes something. */
export function routesOf(actions: boolean): readonly Route[] {
  return actions ? [...PAGES, ...ACTIONS] : PAGES;
}

async function assetOf({ params }: Visit): Promise<Answer> {
  const { file = '' } = params;
  const asset = Object.hasOwn(ASSETS, file) ? ASSETS[file] : undefined;
  return asset ?? { title: 'File not found', status: 404, body: html`` };
}
