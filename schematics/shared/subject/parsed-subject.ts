import { invalidOption } from '../errors';
import { eventSubject, streamSubject } from './subject';

/**
 * What a name on the command line stands for: one event's subject, a template that captures tokens,
 * or a pattern of several events.
 */
export interface ParsedSubject {
  readonly kind: 'subject' | 'template' | 'pattern';
  /** As it was typed: `order.created`, `order.:region.created`, `order.*`. */
  readonly text: string;
  /** What a stream has to cover: `order.*.created` for a template. */
  readonly pattern: string;
  /** The words that identifiers, files and durables are made of: `order.created`, `any.order`. */
  readonly name: string;
}

/**
 * Reads a subject of one event, possibly with captured tokens. @throws SchematicError
 * (`INVALID_OPTION`)
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
    throw invalidOption(option, text, `captures ${JSON.stringify(wrong)}: name a token as a variable, e.g. :region.`);
  const twice = captured.find((name, index) => captured.indexOf(name) !== index);
  if (twice !== undefined) throw invalidOption(option, text, `captures ${twice} twice.`);
  const fixed = tokens.filter((token) => !token.startsWith(':'));
  if (fixed.length === 0)
    throw invalidOption(option, text, 'has captured tokens only: name the event too, e.g. order.:region.created.');
  eventSubject(fixed.join('.'));
  const pattern = tokens.map((token) => (token.startsWith(':') ? '*' : token)).join('.');
  return { kind: 'template', text, pattern, name: fixed.join('.') };
}

/**
 * Reads what one handler may take: a subject, a template, or a pattern with `*` and `>`. @throws
 * SchematicError (`INVALID_OPTION`)
 */
export function parseHandlerSubject(text: string): ParsedSubject {
  if (!/[*>]/.test(text)) return parseEventSubject(text);
  const pattern = streamSubject(text, 'subject');
  return { kind: 'pattern', text: pattern, pattern, name: patternName(pattern) };
}

/** `order.*` is any order, `order.>` is every order, `order.*.created` is order any created. */
function patternName(pattern: string): string {
  const tokens = pattern.split('.');
  const last = tokens.at(-1);
  const fixed = tokens.map((token) => (token === '*' ? 'any' : token));
  if (last === '>') return ['every', ...(tokens.length === 1 ? ['event'] : fixed.slice(0, -1))].join('.');
  return last === '*' ? ['any', ...(tokens.length === 1 ? ['event'] : fixed.slice(0, -1))].join('.') : fixed.join('.');
}
