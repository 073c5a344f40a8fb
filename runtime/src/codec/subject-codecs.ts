import { InvalidOptionError } from '../errors/configuration.errors';
import { patternsOverlap } from '../subject/pattern-overlap';
import { subjectMatches } from '../subject/subject-match';
import { assertSubjectPattern } from '../subject/subject-syntax';
import { assertCodec, type Codec } from './codec';

/** Codec of some subjects. */
export interface SubjectCodec extends Codec {
  /** Subject, or a pattern with `*` and `>`. */
  subject: string;
}

/** Codecs of a module by subject. */
export class SubjectCodecs {
  /** Sorted so that the first match is the most specific one. */
  private readonly bySpecificity: readonly SubjectCodec[];

  /** @throws InvalidOptionError (`INVALID_OPTION`), InvalidSubjectError (`INVALID_SUBJECT`) */
  constructor(codecs: readonly SubjectCodec[]) {
    if (!Array.isArray(codecs))
      throw new InvalidOptionError('codecs', codecs, "pass a list, such as [{ subject: 'order.>', serializer }]");
    for (const [at, codec] of codecs.entries()) assertSubjectCodec(codec, codecs.slice(0, at));
    this.bySpecificity = codecs.toSorted((a, b) => coveredCount(a, codecs) - coveredCount(b, codecs));
  }

  /** Returns the codec of the most specific pattern, or undefined if none matches. */
  find(subject: string): Codec | undefined {
    return this.bySpecificity.find((codec) => subjectMatches(subject, codec.subject));
  }
}

/** Counts the patterns that this one covers. */
function coveredCount({ subject }: SubjectCodec, codecs: readonly SubjectCodec[]): number {
  return codecs.filter((other) => subjectMatches(other.subject, subject)).length;
}

function assertSubjectCodec(codec: SubjectCodec, before: readonly SubjectCodec[]): void {
  const { subject, serializer, deserializer } = codec;
  assertSubjectPattern(subject);
  const option = `codecs['${subject}']`;
  if (!serializer && !deserializer)
    throw new InvalidOptionError(option, codec, 'pass a serializer, a deserializer, or both');
  assertCodec(codec, `${option}.`);
  for (const other of before) {
    if (other.subject === subject)
      throw InvalidOptionError.of(`Option 'codecs' has subject '${subject}' twice. Remove one of them.`, codec);
    if (isAmbiguous(subject, other.subject)) {
      const text = `Subjects '${subject}' and '${other.subject}' of 'codecs' overlap, and neither covers the other. Narrow one of them.`;
      throw InvalidOptionError.of(text, codec);
    }
  }
}

function isAmbiguous(left: string, right: string): boolean {
  return patternsOverlap(left, right) && !subjectMatches(left, right) && !subjectMatches(right, left);
}
