import type { ContractSubject, JetStreamContracts } from './contracts';
import type { AnySubject, BrandOf, Branded, MaybeBranded, SubjectMember, TextOf } from './event-subject';
import type { SubjectMatches } from './subject-match';
import type { HasWildcard } from './subject-tokens';

/** Members of a subject. Those of a plain string come from {@link JetStreamContracts}. */
export type MemberOf<Subject extends AnySubject> =
  Subject extends Branded<unknown> ? BrandMember<BrandOf<Subject>> : MemberOfText<TextOf<Subject>>;

type MemberOfText<Text> = Text extends string
  ? [BrandOf<Text>] extends [never]
    ? ContractMember<Text>
    : BrandMember<BrandOf<Text>>
  : never;

/** The member of a brand. Unknown for a subject of type `any`. */
type BrandMember<Brand> = Brand extends {
  readonly member: infer Member extends SubjectMember<string, unknown, unknown>;
}
  ? Member
  : SubjectMember<string, unknown>;

type ContractMember<Text extends string> = Text extends ContractSubject
  ? SubjectMember<Text, JetStreamContracts[Text]>
  : HasWildcard<Text> extends true
    ? OrUnknown<PatternMember<Text>>
    : SubjectMember<Text, unknown>;

type OrUnknown<Member> = [Member] extends [never] ? SubjectMember<string, unknown> : Member;

type PatternMember<Pattern extends string> = {
  [Subject in ContractSubject]: SubjectMatches<Subject, Pattern> extends true
    ? SubjectMember<Subject, JetStreamContracts[Subject]>
    : never;
}[ContractSubject];

/**
 * The event type of a subject constant, a pattern or a template. `unknown` for a plain string that
 * {@link JetStreamContracts} does not list.
 */
export type EventOf<Subject extends AnySubject> =
  Subject extends Branded<{ readonly event: infer Event }>
    ? Event
    : Subject extends MaybeBranded<{ readonly event: infer Event }>
      ? Event
      : MemberOf<Subject>['event'];

/** The literal type of a subject constant or of a string literal. For a template, its pattern. */
export type SubjectLiteral<Subject extends AnySubject> = LiteralOfText<TextOf<Subject>>;

type LiteralOfText<Text> = Text extends string
  ? [BrandOf<Text>] extends [never]
    ? Text
    : BrandOf<Text> extends { readonly covering: infer Covering extends string }
      ? Covering
      : never
  : never;
