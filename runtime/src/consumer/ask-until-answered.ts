const AGAIN_AFTER_MS = 1_000;

/**
 * The first answer to a question that may be asked any number of times. While a stream or a consumer has no leader nobody
 * answers, and the leader that comes then was not asked: so it is asked again until the first question is given up.
 * @throws what the first of them fails with
 */
export function askUntilAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const next = (): void =>
      void ask()
        .then(resolve, reject)
        .finally(() => clearInterval(again));
    const again = setInterval(next, AGAIN_AFTER_MS);
    next();
  });
}
