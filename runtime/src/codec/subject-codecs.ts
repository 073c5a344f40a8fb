import { InvalidOptionError } from '../errors/configuration.errors';
import { patternsOverlap } from '../subject/pattern-overlap';
import { subjectMatches } from '../subject/subject-match';
import { assertSubjectPattern } from '../subject/subject-syntax';
import { assertCodec, type Codec } from './codec';

/** How the events of some subjects are written and read. */
export interface SubjectCodec extends Codec {
  /** A subject, or a pattern with `*` and `>`. */
  subject: string;
}

/** The codecs of a module that hold for some of its subjects. */
export class SubjectCodecs {
  /** The more specific before the one that covers it, so that the first match is the right one. */
  private readonly bySpecificity: readonly SubjectCodec[];

  /** @throws InvalidOptionError (`INVALID_OPTION`), InvalidSubjectError (`INVALID_SUBJECT`) */
  constructor(codecs: readonly SubjectCodec[]) {
    if (!Array.isArray(codecs))
      throw new InvalidOptionError('codecs', codecs, "give a list, such as [{ subject: 'order.>', serializer }]");
    for (const [at, codec] of codecs.entries()) assertSubjectCodec(codec, codecs.slice(0, at));
    this.bySpecificity = codecs.toSorted((a, b) => covered(a, codecs) - covered(b, codecs));
  }

  /** That of the most specific pattern; undefined when none matches. */
  of(subject: string): Codec | undefined {
    return this.bySpecificity.find((codec) => subjectMatches(subject, codec.subject));
  }
}

/** How many of the patterns lie wholly within this one: more for each that covers more of them. */
function covered({ subject }: SubjectCodec, codecs: readonly SubjectCodec[]): number {
  return codecs.filter((other) => subjectMatches(other.subject, subject)).length;
}

function assertSubjectCodec(codec: SubjectCodec, before: readonly SubjectCodec[]): void {
  const { subject, serializer, deserializer } = codec;
  assertSubjectPattern(subject);
  const option = `codecs['${subject}']`;
  if (!serializer && !deserializer)
    throw new InvalidOptionError(option, codec, 'give a serializer, a deserializer, or both');
  assertCodec(codec, `${option}.`);
  for (const other of before) {
    if (other.subject === subject) throw new InvalidOptionError(option, codec, 'it is there twice: leave one out');
    if (isAmbiguous(subject, other.subject)) {
      const remedy = `subjects match it and '${other.subject}', and neither covers the other: narrow one of them`;
      throw new InvalidOptionError(option, codec, remedy);
    }
  }
}

function isAmbiguous(left: string, right: string): boolean {
  return patternsOverlap(left, right) && !subjectMatches(left, right) && !subjectMatches(right, left);
}
