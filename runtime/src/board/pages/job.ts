import type { Redirect } from '../answer';
import { count } from '../format';
import { html, type Html } from '../html';
import type { Job } from '../jobs';
import type { Links } from '../links';
import type { Visit } from '../visit';
import { note, pathTo, type Page } from './layout';

const REFRESH_MS = 1_000;

/** Shows the progress or the result of a job. */
export async function jobPage({ jobs, params, links }: Visit): Promise<Page> {
  const { job: id = '' } = params;
  const job = jobs.get(id);
  if (!job)
    return {
      title: 'This job is not known',
      status: 404,
      body: html`<p>
        Another instance of the application runs it, or this instance was restarted. A job that was interrupted can be
        started again.
      </p>`,
    };
  return {
    title: job.title,
    path: pathTo(job.stream, links, ['Dead letters', links.deadLetters(job.stream)]),
    ...(job.result ? {} : { refreshMs: REFRESH_MS }),
    body: job.result ? resultOf(job) : progressOf(job, links),
  };
}

/** Cancels a job after the dead letter that it works on. */
export async function cancelJob({ jobs, params, links, log }: Visit): Promise<Redirect> {
  const { job: id = '' } = params;
  const job = jobs.get(id);
  if (job && !job.result) {
    jobs.cancel(id);
    log(`Cancelled: ${job.title}`);
  }
  return { redirect: links.job(id) };
}

/** Shows a job on another page. */
export function jobNote(job: Job, links: Links): Html {
  if (job.result) return resultOf(job);
  return note(html`<a href="${links.job(job.id)}">${job.title}</a> is running.`);
}

function resultOf({ result = [], hasFailed }: Job): Html {
  return note(
    result.map((line, at) => html`${at > 0 && html`<br />`}${line}`),
    hasFailed ? 'bad' : 'plain',
  );
}

function progressOf({ id, progress, isCancelled }: Job, links: Links): Html {
  const { done = 0, failed = 0, total = 0 } = progress ?? {};
  const kept = failed > 0 && `, ${count(failed)} kept`;
  return html` <p><progress max="${Math.max(total, 1)}" value="${done}">${count(done)}</progress></p>
    <p>${count(done)} of ${count(total)} done${kept}</p>
    ${isCancelled ? html`<p>Stopping…</p>` : html`<form method="post" action="${links.job(id)}/cancel"><button>Cancel</button></form>`}`;
}
