import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { SUBJECT_MATCHING } from '../types/cases/subject-matching-table';

const isPattern = (subject: string): boolean => subject.split('.').some((token) => token === '*' || token === '>');
const PUBLISHABLE = SUBJECT_MATCHING.filter(([subject]) => !isPattern(subject));

// Checks the server against the table that the types and `subjectMatches` are tested with.
describe('nats-server', () => {
  let nats: JetStreamProbe;
  beforeEach(async () => {
    nats = await probe((await startTestServer()).url);
  });

  it('matches subjects as in the table', async () => {
    const { connection } = nats;
    const matched: [string, string, boolean][] = [];
    for (const [subject, pattern] of PUBLISHABLE) {
      let received = 0;
      const subscription = connection.subscribe(pattern, { callback: () => void received++ });
      connection.publish(subject);
      await connection.flush();
      subscription.unsubscribe();
      matched.push([subject, pattern, received === 1]);
    }

    expect(matched).toEqual(PUBLISHABLE);
    expect(matched.length).toBeGreaterThan(25);
  });
});
