import { once } from 'node:events';
import { Jobs } from '../../../runtime/src/board/jobs';
import { Links } from '../../../runtime/src/board/links';
import { jobNote, jobPage } from '../../../runtime/src/board/pages/job';
import type { Visit } from '../../../runtime/src/board/visit';

const links = new Links('/jetstream/jobs/1', 2);

/** Returns the page of a job as the board shows it. */
const pageOf = async (jobs: Jobs, job: string) => jobPage({ jobs, links, params: { job } } as unknown as Visit);

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
});
