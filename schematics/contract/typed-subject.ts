import { ts } from '../shared/source/typescript';

/** Types of a subject constant, a template, a request or a pattern, read from its type. */
export interface TypedSubject {
  readonly kind: 'event' | 'request';
  /** Text of the declaration, such as `order.created` or `order.:region.shipped`. */
  readonly text: string;
  /** Pattern that the server matches, such as `order.*.shipped`. */
  readonly pattern: string;
  /** Type of the published JSON: the event or the request. */
  readonly type: ts.Type;
  /** Type of the reply to a request. */
  readonly reply?: ts.Type | undefined;
}

/** Reads the types of subjects. The brand is the property with the unique symbol `EVENT`. */
export class SubjectTypes {
  constructor(private readonly checker: ts.TypeChecker) {}

  /** Returns the subject that a type stands for, if it has one text. */
  read(type: ts.Type): TypedSubject | undefined {
    const name = type.symbol?.name;
    if (name === 'SubjectTemplate' || name === 'RequestTemplate') {
      const text = this.literalOf(this.propertyOf(type, 'template'));
      const pattern = this.propertyOf(type, 'pattern');
      return text === undefined || pattern === undefined ? undefined : this.branded(pattern, text);
    }
    const text = literalText(type);
    return text === undefined ? undefined : this.branded(type, text);
  }

  /**
   * Returns the subjects that a handler receives. `text` is the one of a single subject. A pattern
   * has the subjects of all its events.
   */
  handled(type: ts.Type): readonly string[] {
    const declared = this.read(type);
    if (declared) return [declared.pattern];
    if (type.isStringLiteral()) return [type.value];
    const member = this.brandOf(type) && this.propertyOf(this.brandOf(type), 'member');
    const members = member?.isUnion() ? member.types : member ? [member] : [];
    return members.flatMap((each) => {
      const subject = this.propertyOf(each, 'subject');
      return subject?.isStringLiteral() ? [subject.value] : subject ? templateText(subject) : [];
    });
  }

  /** Returns the subject or the pattern that a handler is registered with. */
  registered(type: ts.Type): string | undefined {
    return literalText(type) ?? this.literalOf(this.propertyOf(type, 'pattern'));
  }

  propertyOf(type: ts.Type | undefined, name: string): ts.Type | undefined {
    const symbol = type?.getProperty(name);
    return symbol && this.checker.getTypeOfSymbol(symbol);
  }

  private branded(type: ts.Type, text: string): TypedSubject | undefined {
    const brand = this.brandOf(type);
    const covering = this.literalOf(this.propertyOf(brand, 'covering'));
    if (brand === undefined || covering === undefined) return undefined;
    const request = this.propertyOf(brand, 'request');
    if (request) {
      const [reply] = this.propertyOf(brand, 'reply')?.getCallSignatures() ?? [];
      return { kind: 'request', text, pattern: covering, type: request, reply: reply?.getReturnType() };
    }
    const published = this.propertyOf(brand, 'published');
    return published && { kind: 'event', text, pattern: covering, type: published };
  }

  private brandOf(type: ts.Type): ts.Type | undefined {
    const parts = type.isIntersection() ? type.types : [type];
    for (const part of parts) {
      if (!(part.flags & ts.TypeFlags.Object)) continue;
      const brand = part.getProperties().find(({ escapedName }) => String(escapedName).startsWith('__@EVENT@'));
      if (brand) return this.checker.getTypeOfSymbol(brand);
    }
    return undefined;
  }

  private literalOf(type: ts.Type | undefined): string | undefined {
    return type && literalText(type);
  }
}

function literalText(type: ts.Type): string | undefined {
  const parts = type.isIntersection() ? type.types : [type];
  return parts.find((part) => part.isStringLiteral())?.value;
}

/** Returns the pattern of a template literal type, the type of a subject with captured tokens. */
function templateText(type: ts.Type): string[] {
  return type.flags & ts.TypeFlags.TemplateLiteral ? [(type as ts.TemplateLiteralType).texts.join('*')] : [];
}
