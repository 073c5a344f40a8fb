import { InvalidArgumentError, Option } from 'commander';
import { hasType, type PropertySchema } from '../runner/schema';

const SHORT_FLAGS: Readonly<Record<string, string>> = { project: '-p, ' };

/** Returns the flag of a schematic's option. It parses values to the type in the schema. */
export function optionOf(name: string, property: PropertySchema): Option {
  const long = flagName(name, property);
  const flag = `${SHORT_FLAGS[name] ?? ''}--${long}`;
  const description = decapitalized(property.description ?? '');
  if (hasType(property, 'boolean')) {
    return property.default === true ? new Option(`--no-${long}`, negated(description)) : new Option(flag, description);
  }
  const option = new Option(`${flag} <${valueName(property)}>`, description);
  const choices = property.enum ?? property.items?.enum;
  if (choices) option.choices(choices);
  else if (isNumeric(property)) option.argParser((text) => numberOf(text, property));
  if (property.default !== undefined) option.default(property.default);
  return option;
}

/** `maxAge` is `--max-age`. */
export function flagName(name: string, property: PropertySchema | undefined): string {
  return (property?.['x-flag'] ?? name).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function valueName(property: PropertySchema): string {
  const name = property.title ?? (isNumeric(property) ? 'number' : 'value');
  return hasType(property, 'array') ? `${name}...` : name;
}

function isNumeric(property: PropertySchema): boolean {
  return (hasType(property, 'number') || hasType(property, 'integer')) && !hasType(property, 'string');
}

function numberOf(text: string, { type, minimum = Number.NEGATIVE_INFINITY }: PropertySchema): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const isWhole = type !== 'integer' || Number.isInteger(value);
  if (Number.isFinite(value) && isWhole && value >= minimum) return value;
  const kind = type === 'integer' ? 'a whole number' : 'a number';
  throw new InvalidArgumentError(`Expected ${kind}${minimum > Number.NEGATIVE_INFINITY ? ` from ${minimum}` : ''}.`);
}

// As in Commander's own help, without capitals and full stops.
function decapitalized(sentence: string): string {
  return (/^[A-Z][a-z]*\b/.test(sentence) ? sentence.slice(0, 1).toLowerCase() + sentence.slice(1) : sentence).replace(
    /\.$/,
    '',
  );
}

function negated(description: string): string {
  return `do not ${description}`;
}
