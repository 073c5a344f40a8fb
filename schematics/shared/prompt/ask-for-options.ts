import { readFileSync } from 'node:fs';
import { problemOf } from './problem-of';
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
 * Asks for options that `nest g` has no flags for, and returns the parsed answers. The questions
 * come from the schematic's schema.json. The command line has the flags and asks nothing here.
 * @param parse throws a SchematicError for an invalid option or combination
 */
export async function askForOptions<Name extends string, Settings extends object>(
  schemaFile: string,
  names: readonly Name[],
  given: Readonly<Partial<Record<Name, unknown>>>,
  parse: (options: Partial<Record<Name, never>>) => Settings,
  { terminal, isNestGenerate }: PromptContext,
): Promise<Settings> {
  const answers: Partial<Record<Name, unknown>> = {};
  // The schema states the type of each answer.
  const parsed = (): Settings => parse(answers as Partial<Record<Name, never>>);
  if (!terminal || !isNestGenerate) return parsed();
  const wants = await terminal.choose(`Set other options (${names.join(', ')})?`, ['no', 'yes'], 'no');
  if (wants === 'no') return parsed();
  const { properties } = JSON.parse(readFileSync(schemaFile, 'utf8')) as { properties: Record<string, OptionSchema> };
  for (const name of names) {
    const schema = properties[name];
    if (!schema || given[name] !== undefined) continue;
    const answer = await answerOf(schema, terminal, (value) =>
      parse({ ...answers, [name]: value } as Partial<Record<Name, never>>),
    );
    if (answer !== undefined) answers[name] = answer;
  }
  return parsed();
}

/** Returns undefined for an empty answer, which means the default. */
async function answerOf(
  { type, description, enum: choices }: OptionSchema,
  terminal: Terminal,
  check: (value: unknown) => unknown,
): Promise<unknown> {
  const [first] = choices ?? [];
  if (choices && first !== undefined) return terminal.choose(description, choices, first);
  if (type === 'boolean') return (await terminal.choose(description, ['no', 'yes'], 'no')) === 'yes';
  const valueOf = (answer: string): unknown => {
    if (answer === '') return undefined;
    return type === 'integer' && !Number.isNaN(Number(answer)) ? Number(answer) : answer;
  };
  return valueOf(
    await terminal.ask(
      description,
      '',
      problemOf((answer) => check(valueOf(answer))),
    ),
  );
}
