import { InvalidSubjectError } from '../errors/configuration.errors';
import { EMPTY_SUBJECT, SUBJECT_RULES } from './subject-rules';

// The server checks none of this on publish. It stores a subject with a wildcard, and nothing can
// address that subject afterwards.
const CONTROL_CHARACTER = /\p{Cc}/u;
const LONE_SURROGATE = /\p{Cs}/u;
/**
 * The server closes the connection if a line has more than 4096 bytes (`max_control_line`). A line
 * has the subject, the reply subject and two sizes.
 */
const MAX_BYTES = 3_000;
const MAX_BYTES_PER_CHARACTER = 3;

/** Subjects that passed the checks. Most services publish to few subjects, many times. */
const checked = new Set<string>();
const MAX_CHECKED = 1_000;

/** Texts of the declared templates. Messages are not published to them. */
const templates = new Set<string>();

/**
 * Checks a subject that messages are published to, which cannot have wildcards.
 * @throws InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function assertPublishSubject(subject: string): void {
  if (checked.has(subject)) return;
  assertWithoutWildcards(subject);
  assertNotTemplate(subject);
  if (subject.startsWith('_INBOX.'))
    throw InvalidSubjectError.of(subject, 'is an inbox, which is reserved for replies. Use another name.');
  if (checked.size === MAX_CHECKED) checked.clear();
  checked.add(subject);
}

/** Refuses the text of a template, such as `order.:id`, as a subject from now on. */
export function declareTemplate(text: string): void {
  templates.add(text);
  checked.delete(text);
}

/** @throws InvalidSubjectError (`INVALID_SUBJECT`) */
export function assertNotTemplate(subject: string): void {
  if (templates.has(subject)) throw InvalidSubjectError.of(subject, SUBJECT_RULES.template);
}

/** @throws InvalidSubjectError (`INVALID_SUBJECT`) */
export function assertWithoutWildcards(subject: string): void {
  assertSubjectPattern(subject);
  if (subject.split('.').some((token) => token === '*' || token === '>'))
    throw InvalidSubjectError.of(subject, SUBJECT_RULES.pattern);
}

/**
 * Checks a subject or pattern. `*` stands for one token, and `>` for one or more tokens at the end.
 * @throws InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function assertSubjectPattern(subject: string): void {
  if (typeof subject !== 'string')
    throw new InvalidSubjectError(
      subject,
      `A subject must be a string, but got ${typeof subject}. Write one, such as 'order.created'.`,
    );
  if (subject === '') throw new InvalidSubjectError(subject, EMPTY_SUBJECT);
  if (/\s/.test(subject)) throw InvalidSubjectError.of(subject, SUBJECT_RULES.whiteSpace);
  if (CONTROL_CHARACTER.test(subject))
    throw InvalidSubjectError.of(subject, 'contains a control character. Remove it.');
  if (LONE_SURROGATE.test(subject))
    throw InvalidSubjectError.of(subject, 'contains half of a surrogate pair, which has no UTF-8 form. Remove it.');
  if (isTooLong(subject))
    throw InvalidSubjectError.of(
      subject,
      `is longer than ${MAX_BYTES} bytes, and nats-server closes the connection for longer ones. Shorten it.`,
    );
  if (subject.startsWith('$')) throw InvalidSubjectError.of(subject, SUBJECT_RULES.reserved);
  const tokens = subject.split('.');
  if (tokens.includes('')) throw InvalidSubjectError.of(subject, SUBJECT_RULES.emptyToken);
  if (tokens.slice(0, -1).includes('>')) throw InvalidSubjectError.of(subject, SUBJECT_RULES.misplacedRest);
}

function isTooLong(subject: string): boolean {
  return subject.length > MAX_BYTES / MAX_BYTES_PER_CHARACTER && Buffer.byteLength(subject) > MAX_BYTES;
}
