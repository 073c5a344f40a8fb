import { readFileSync } from 'node:fs';
import type { Terminal } from './terminal';

interface OptionSchema {
  readonly type: string | readonly string[];
  readonly description: string;
  readonly enum?: readonly string[];
}

interface PromptContext {
  readonly terminal: Terminal | undefined;
  readonly isNestGenerate: boolean;
}

/**
 * Asks for options that `nest g` has no flags for, and returns the answers. The questions come from
 * the schematic's schema.json. The command line has the flags and asks nothing here.
 */
export async function askForOptions<Name extends string>(
  schemaFile: string,
  names: readonly Name[],
  given: Readonly<Partial<Record<Name, unknown>>>,
  { terminal, isNestGenerate }: PromptContext,
): Promise<Partial<Record<Name, never>>> {
  if (!terminal || !isNestGenerate) return {};
  const wants = await terminal.choose(`Set other options (${names.join(', ')})?`, ['no', 'yes'], 'no');
  if (wants === 'no') return {};
  const { properties } = JSON.parse(readFileSync(schemaFile, 'utf8')) as { properties: Record<string, OptionSchema> };
  const answers: Partial<Record<Name, unknown>> = {};
  for (const name of names) {
    const schema = properties[name];
    const answer = schema && given[name] === undefined ? await answerOf(schema, terminal) : undefined;
    if (answer !== undefined) answers[name] = answer;
  }
  // The schema states the type of each answer.
  return answers as Partial<Record<Name, never>>;
}

/** Returns undefined for an empty answer, which means the default. */
async function answerOf({ type, description, enum: choices }: OptionSchema, terminal: Terminal): Promise<unknown> {
  const [first] = choices ?? [];
  if (choices && first !== undefined) return terminal.choose(description, choices, first);
  if (type === 'boolean') return (await terminal.choose(description, ['no', 'yes'], 'no')) === 'yes';
  const isNumber = type === 'integer';
  const answer = await terminal.ask(description, '', isNumber ? wholeNumberProblem : undefined);
  if (answer === '') return undefined;
  return isNumber ? Number(answer) : answer;
}

function wholeNumberProblem(answer: string): string | undefined {
  return /^(-?\d+)?$/.test(answer) ? undefined : 'Enter a whole number, or leave it empty.';
}
