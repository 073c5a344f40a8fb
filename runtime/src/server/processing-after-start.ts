import type { Processing } from '../consumer/consumer-run';
import type { StartHooks } from '../session/start-hooks';
import { mayRun, needsDecision } from '../settlement/begin-attempt';
import { processBatch, refuseUndecodable } from '../settlement/process-batch';
import { processMessage } from '../settlement/process-message';
import type { ProcessingMeans } from '../settlement/processing-means';

/** Has messages wait for the end of the start hooks, and hands them back when the application ends before. */
export function processingAfterStart(startHooks: StartHooks, means: ProcessingMeans): Processing {
  const begin: Processing['message'] = (definition, message, done) => {
    if (!needsDecision(definition, message)) return processMessage(definition, message, means, done);
    void mayRun(definition, message, means).then((may) =>
      may ? processMessage(definition, message, means, done) : done(message),
    );
  };
  return {
    message: (definition, message, done) => {
      const { pending } = startHooks;
      if (!pending) return begin(definition, message, done);
      void pending.then((areOver) => {
        if (areOver) return begin(definition, message, done);
        message.nak();
        done(message);
      });
    },
    batch: async (definition, batch) => {
      if ((await startHooks.pending) === false) {
        for (const { message } of batch) message.nak();
        return;
      }
      const may = await Promise.all(
        batch.map(({ message }) => !needsDecision(definition, message) || mayRun(definition, message, means)),
      );
      const running = batch.filter((_, at) => may[at]);
      if (running.length > 0) await processBatch(definition, running, means);
    },
    undecodable: (definition, message, failure) => refuseUndecodable(definition, message, failure, means),
  };
}
