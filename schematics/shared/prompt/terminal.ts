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

let isForbidden = false;

/** From now on, this process asks nothing, also on a terminal. */
export function forbidQuestions(): void {
  isForbidden = true;
}

/** The terminal of this process; undefined where nobody would answer: in a pipe, and in CI. */
export function openTerminal(): Terminal | undefined {
  const isAutomated = isForbidden || Boolean(process.env['CI']) || !process.stdin.isTTY || !process.stdout.isTTY;
  return isAutomated ? undefined : { ask, choose };
}

async function ask(
  message: string,
  fallback: string,
  problemOf: (answer: string) => string | undefined = () => undefined,
): Promise<string> {
  // Loaded when somebody is asked only: it takes a tenth of a second.
  const { input } = await import('@inquirer/prompts');
  return answerOf(input({ message, default: fallback, validate: (answer) => problemOf(answer) ?? true }));
}

async function choose<Choice extends string>(
  message: string,
  choices: readonly Choice[],
  fallback: NoInfer<Choice>,
): Promise<Choice> {
  const { select } = await import('@inquirer/prompts');
  return answerOf(select<Choice>({ message, choices: [...choices], default: fallback }));
}

/** @throws SchematicError (`CANCELLED`) for Ctrl-C */
async function answerOf<Answer>(prompt: Promise<Answer>): Promise<Answer> {
  try {
    return await prompt;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError')
      throw new SchematicError('CANCELLED', 'Cancelled: nothing was written.');
    throw error;
  }
}
