import { SchematicError } from '../errors';

/** Asks the user questions. */
export interface Terminal {
  /** Asks until `problemOf` accepts the answer. Returns `fallback` for an empty answer. */
  ask(question: string, fallback: string, problemOf?: (answer: string) => string | undefined): Promise<string>;
  /** Asks for one of `choices`. */
  choose<Choice extends string>(
    question: string,
    choices: readonly Choice[],
    fallback: NoInfer<Choice>,
    /** Explanations that are shown beside the choices. */
    explanations?: Readonly<Record<NoInfer<Choice>, string>>,
  ): Promise<Choice>;
}

/** Returns the terminal of this process. Undefined in a pipe and in CI. */
export function openTerminal(): Terminal | undefined {
  const isAutomated = Boolean(process.env['CI']) || !process.stdin.isTTY || !process.stdout.isTTY;
  return isAutomated ? undefined : { ask, choose };
}

async function ask(
  message: string,
  fallback: string,
  problemOf: (answer: string) => string | undefined = () => undefined,
): Promise<string> {
  // Loaded on use, because it takes 0.1 s.
  const { input } = await import('@inquirer/prompts');
  return answerOf(input({ message, default: fallback, validate: (answer) => problemOf(answer) ?? true }));
}

async function choose<Choice extends string>(
  message: string,
  choices: readonly Choice[],
  fallback: NoInfer<Choice>,
  explanations?: Readonly<Record<NoInfer<Choice>, string>>,
): Promise<Choice> {
  const { select } = await import('@inquirer/prompts');
  const items = choices.map((value) => ({
    value,
    name: explanations ? `${value}: ${explanations[value]}` : value,
    short: value,
  }));
  return answerOf(select<Choice>({ message, choices: items, default: fallback }));
}

/** @throws SchematicError (`CANCELLED`) for Ctrl-C */
async function answerOf<Answer>(prompt: Promise<Answer>): Promise<Answer> {
  try {
    return await prompt;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError')
      throw new SchematicError('CANCELLED', 'Cancelled. No file was changed.');
    throw error;
  }
}
