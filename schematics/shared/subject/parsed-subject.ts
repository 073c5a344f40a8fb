import { invalidOption } from '../errors';
import { eventSubject, streamSubject } from './subject';

/**
 * A subject from the command line: the subject of one event, a template that captures tokens, or a
 * pattern that matches several events.
 */
export interface ParsedSubject {
  readonly kind: 'subject' | 'template' | 'pattern';
  /** Text that the user typed: `order.created`, `order.:region.created`, `order.*`. */
  readonly text: string;
  /** Pattern that a stream has to capture: `order.*.created` for a template. */
  readonly pattern: string;
  /** Name from which identifiers, files and durables are derived: `order.created`, `any.order`. */
  readonly name: string;
}

/**
 * Parses the subject of one event, with or without captured tokens.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export function parseEventSubject(text: string, option = 'subject'): ParsedSubject {
  const tokens = text.split('.');
  if (!tokens.some((token) => token.startsWith(':'))) {
    const subject = eventSubject(text);
    return { kind: 'subject', text: subject, pattern: subject, name: subject };
  }
  const captured = tokens.filter((token) => token.startsWith(':')).map((token) => token.slice(1));
  const wrong = captured.find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (wrong !== undefined)
    throw invalidOption(
      option,
      text,
      `captures ${JSON.stringify(wrong)}, which is not an identifier. Use a name such as :region.`,
    );
  const twice = captured.find((name, index) => captured.indexOf(name) !== index);
  if (twice !== undefined) throw invalidOption(option, text, `captures ${twice} twice.`);
  const fixed = tokens.filter((token) => !token.startsWith(':'));
  if (fixed.length === 0)
    throw invalidOption(
      option,
      text,
      'has captured tokens only. Add a token that names the event, such as order.:region.created.',
    );
  eventSubject(fixed.join('.'));
  const pattern = tokens.map((token) => (token.startsWith(':') ? '*' : token)).join('.');
  return { kind: 'template', text, pattern, name: fixed.join('.') };
}

/**
 * Parses the subject of a handler: a subject, a template, or a pattern with `*` and `>`.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export function parseHandlerSubject(text: string): ParsedSubject {
  if (!/[*>]/.test(text)) return parseEventSubject(text);
  const pattern = streamSubject(text, 'subject');
  return { kind: 'pattern', text: pattern, pattern, name: patternName(pattern) };
}

/**
 * Returns `any.order` for `order.*`, `every.order` for `order.>` and `order.any.created` for
 * `order.*.created`.
 */
function patternName(pattern: string): string {
  const tokens = pattern.split('.');
  const last = tokens.at(-1);
  const fixed = tokens.map((token) => (token === '*' ? 'any' : token));
  if (last === '>') return ['every', ...(tokens.length === 1 ? ['event'] : fixed.slice(0, -1))].join('.');
  return last === '*' ? ['any', ...(tokens.length === 1 ? ['event'] : fixed.slice(0, -1))].join('.') : fixed.join('.');
}
