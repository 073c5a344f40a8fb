import { positionalOf, type SchematicSchema } from '../runner/schema';
import { flagName } from './schema-option';

/** Returns the examples of a schema as commands, for the end of its help. */
export function exampleLines(command: string, schema: SchematicSchema): string {
  const { examples = [] } = schema;
  if (examples.length === 0) return '';
  return [
    '',
    'Examples:',
    ...examples.map(
      (options) => `  npx nest-jetstream ${exampleWords(command, schema, options).map(quoted).join(' ')}`,
    ),
  ].join('\n');
}

/** Returns one example as the words of a command. */
export function exampleWords(
  command: string,
  schema: SchematicSchema,
  options: Readonly<Record<string, unknown>>,
): string[] {
  const positional = positionalOf(schema);
  const words = Object.entries(options).flatMap(([name, value]) =>
    name === positional
      ? [String(value as string | number)]
      : flagWords(flagName(name, schema.properties[name]), value),
  );
  return [...command.split(' '), ...words];
}

function flagWords(flag: string, value: unknown): string[] {
  if (value === true) return [`--${flag}`];
  if (value === false) return [`--no-${flag}`];
  return [`--${flag}`, ...(Array.isArray(value) ? value : [value]).map(String)];
}

function quoted(word: string): string {
  return /^[\w.:/-]+$/.test(word) ? word : `'${word}'`;
}
