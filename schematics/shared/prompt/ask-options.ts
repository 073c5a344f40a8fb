import { readFileSync } from 'node:fs';
import type { Terminal } from './terminal';

interface OptionSchema {
  readonly type: string | readonly string[];
  readonly description: string;
  readonly enum?: readonly string[];
}

interface Asking {
  readonly terminal: Terminal | undefined;
  readonly isNestGenerate: boolean;
}

/**
 * Asks for options that `nest g` has no flags for, if the user wants to set any: what to ask is in
 * the schematic's schema.json. The command line, which has the flags, is not asked.
 */
export async function askOptions<Options extends object>(
  options: Options,
  schemaFile: string,
  names: readonly (string & keyof Options)[],
  { terminal, isNestGenerate }: Asking,
): Promise<Options> {
  if (!terminal || !isNestGenerate) return options;
  const wants = await terminal.choose(`Set other options (${names.join(', ')})?`, ['no', 'yes'], 'no');
  if (wants === 'no') return options;
  const { properties } = JSON.parse(readFileSync(schemaFile, 'utf8')) as { properties: Record<string, OptionSchema> };
  const answers: Record<string, unknown> = {};
  for (const name of names) {
    const schema = properties[name];
    if (schema && options[name] === undefined) answers[name] = await answerOf(schema, terminal);
  }
  const given = Object.entries(answers).filter(([, answer]) => answer !== undefined);
  return { ...options, ...Object.fromEntries(given) };
}

/** Undefined for an empty answer: the default. */
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
  return /^(-?\d+)?$/.test(answer) ? undefined : 'Type a whole number, or nothing.';
}
