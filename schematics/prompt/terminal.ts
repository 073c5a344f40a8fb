import { createInterface } from 'node:readline/promises';
import { SchematicError } from '../errors';

/** What asks the user, where somebody sits there. */
export interface Terminal {
  /** Asks until `problemOf` finds nothing wrong; an empty answer is `fallback`. */
  ask(question: string, fallback: string, problemOf?: (answer: string) => string | undefined): Promise<string>;
  /** Asks for one of `choices`. */
  choose<Choice extends string>(
    question: string,
    choices: readonly Choice[],
    fallback: NoInfer<Choice>,
  ): Promise<Choice>;
}

interface Streams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** The terminal of this process; undefined where nobody would answer: in a pipe, and in CI. */
export function openTerminal(): Terminal | undefined {
  const ci = process.env['CI'];
  const isAutomated = ci !== undefined && !['', '0', 'false'].includes(ci.toLowerCase());
  if (isAutomated || !process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  return terminalOn({ input: process.stdin, output: process.stdout });
}

export function terminalOn(streams: Streams): Terminal {
  const ask: Terminal['ask'] = async (question, fallback, problemOf = () => undefined) => {
    for (;;) {
      const answer = (await readAnswer(streams, `${question} (${fallback}): `)).trim() || fallback;
      const problem = problemOf(answer);
      if (problem === undefined) return answer;
      streams.output.write(`${problem}\n`);
    }
  };
  return {
    ask,
    async choose(question, choices, fallback) {
      const isChoice = (answer: string): answer is (typeof choices)[number] =>
        (choices as readonly string[]).includes(answer);
      const problemOf = (answer: string) => (isChoice(answer) ? undefined : `Type one of ${choices.join(', ')}.`);
      const answer = await ask(`${question} [${choices.join(', ')}]`, fallback, problemOf);
      return isChoice(answer) ? answer : fallback;
    },
  };
}

/** @throws SchematicError (`CANCELLED`) for Ctrl-C and the end of the input. */
function readAnswer({ input, output }: Streams, prompt: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input, output });
    const cancel = (): void => {
      lines.close();
      reject(new SchematicError('CANCELLED', 'Cancelled: nothing was written.'));
    };
    lines.once('SIGINT', cancel).once('close', cancel);
    lines.question(prompt).then((answer) => {
      resolve(answer);
      lines.close();
    }, reject);
  });
}
