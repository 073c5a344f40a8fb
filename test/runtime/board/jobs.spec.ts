import { once } from 'node:events';
import { Jobs } from '../../../runtime/src/board/jobs';
import { Links } from '../../../runtime/src/board/links';
import { purgeSelected } from '../../../runtime/src/board/pages/dead-letters';
import { jobNote, jobPage } from '../../../runtime/src/board/pages/job';
import type { Page } from '../../../runtime/src/board/pages/layout';
import type { Visit } from '../../../runtime/src/board/visit';

const links = new Links('/jetstream/jobs/1', 2);

/** Returns the page of a job as the board shows it. */
const pageOf = async (jobs: Jobs, job: string) => jobPage({ jobs, links, params: { job } } as unknown as Visit);

/** Works until it is cancelled. */
async function untilCancelled(_report: unknown, signal: AbortSignal): Promise<string[]> {
  if (!signal.aborted) await once(signal, 'abort');
  return ['It ended.'];
}

describe('Jobs', () => {
  it('answers soon while the work continues, shows its progress, and cancels it', async () => {
    const jobs = new Jobs();
    const job = await jobs.begin('ORDERS', 'Redrive dead letters', async (report, signal) => {
      report({ done: 300, failed: 2, total: 7_204 });
      await once(signal, 'abort');
      return ['300 dead letters redriven.', 'It ended before the last one.'];
    });
    expect(job.result).toBeUndefined();
    expect(jobs.running('ORDERS')).toBe(job);
    expect(jobs.running('PAYMENTS')).toBeUndefined();
    const page = await pageOf(jobs, job.id);
    expect(page.body.text).toContain('300 of 7,204 done, 2 kept');
    expect(page.body.text).toContain('max="7204" value="300"');
    expect(page.body.text).toContain('<button>Cancel</button>');
    jobs.cancel(job.id);
    await jobs.stop();
    expect((await pageOf(jobs, job.id)).body.text).toContain('It ended before the last one.');
    expect(jobs.running('ORDERS')).toBeUndefined();
  });

  it('shows the result of quick work at once, and a failure as text', async () => {
    const jobs = new Jobs();
    const done = await jobs.begin('ORDERS', 'Purge', async () => ['3 dead letters purged.']);
    expect(jobNote(done, links).text).toContain('3 dead letters purged.');
    const failed = await jobs.begin('ORDERS', 'Purge', async () => {
      throw new Error('<no answer>');
    });
    expect(jobNote(failed, links).text).toContain('&lt;no answer&gt;');
  });

  it('knows only the jobs of its own process', async () => {
    expect(await pageOf(new Jobs(), 'elsewhere')).toMatchObject({ status: 404 });
  });

  it('forgets the oldest of many jobs', async () => {
    const jobs = new Jobs();
    const first = await jobs.begin('ORDERS', 'Purge', async () => []);
    for (let count = 0; count < 50; count++) await jobs.begin('ORDERS', 'Purge', async () => []);
    expect(jobs.get(first.id)).toBeUndefined();
  });

  it('keeps a running job, however many end after it', async () => {
    const jobs = new Jobs();
    const running = await jobs.begin('ORDERS', 'Redrive', untilCancelled);
    for (let count = 0; count < 51; count++) await jobs.begin('PAYMENTS', 'Purge', async () => []);
    expect(jobs.get(running.id)).toBe(running);
    expect(jobs.running('ORDERS')).toBe(running);
    await jobs.stop();
    expect(running.result).toEqual(['It ended.']);
  });

  it('cancels a job that begins after the stop', async () => {
    const jobs = new Jobs();
    await jobs.stop();
    expect((await jobs.begin('ORDERS', 'Redrive', untilCancelled)).result).toEqual(['It ended.']);
  });

  it('refuses a second action on a stream while one runs', async () => {
    const jobs = new Jobs();
    const running = await jobs.begin('ORDERS', 'Redrive dead letters (1 selected)', untilCancelled);
    const form = new URLSearchParams({ select: '1', confirmed: 'yes', created: '2026-01-31T12:00:00Z' });
    const visit = { jobs, form, links, params: { stream: 'ORDERS' } } as unknown as Visit;
    const page = (await purgeSelected(visit)) as Page;
    expect(page).toMatchObject({ status: 409, title: 'Another action is running' });
    expect(page.body.text).toContain('Nothing was changed.');
    expect(page.body.text).toContain(`${running.id}">Redrive dead letters (1 selected)</a> is running`);
    await jobs.stop();
  });
});
