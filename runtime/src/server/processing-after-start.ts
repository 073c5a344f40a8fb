import type { Processing } from '../consumer/consumer-run';
import type { StartHooks } from '../session/start-hooks';
import { processBatch, refuseUndecodable } from '../settlement/process-batch';
import { processMessage } from '../settlement/process-message';
import type { ProcessingMeans } from '../settlement/processing-means';

/** Has messages wait for the end of the start hooks, and hands them back when the application ends before. */
export function processingAfterStart(startHooks: StartHooks, means: ProcessingMeans): Processing {
  return {
    message: (definition, message, done) => {
      const { pending } = startHooks;
      if (!pending) return processMessage(definition, message, means, done);
      void pending.then((areOver) => {
        if (areOver) return processMessage(definition, message, means, done);
        message.nak();
        done(message);
      });
    },
    batch: async (definition, batch) => {
      if ((await startHooks.pending) !== false) return processBatch(definition, batch, means);
      for (const { message } of batch) message.nak();
    },
    undecodable: (definition, message, failure) => refuseUndecodable(definition, message, failure, means),
  };
}
