import { ts } from '../source/typescript';
import { invalidOption } from '../errors';
import { pascalCase } from '../naming/words';
import type { EventField, ParsedField } from './parse-fields';
import { failureMessage, forEach, notNull, validateBy } from './rule-arguments';
import { elementOf, literalsOf, optionalFields, rebuilt, typeText, unparenthesized, withoutNull } from './type-shapes';
import { valuePredicate } from './value-predicate';

const { factory } = ts;

/** Class of an event, or of an object in one of its fields. */
export interface EventClass {
  readonly name: string;
  readonly members: readonly EventField[];
}

/** The classes of an event with nested classes first, and the decorators that they use. */
export interface EventClasses {
  readonly classes: readonly EventClass[];
  /** Decorators of class-validator. */
  readonly decorators: readonly string[];
  /**
   * True if a nested class needs `Type` of class-transformer. Without it, nested objects are not
   * instances of their class and are not validated.
   */
  readonly needsType: boolean;
}

/**
 * Returns classes with fields such as `@IsNumber() id!: number;` for `id: number`. Without
 * `decorated`, the fields have no decorators.
 */
export function eventClasses(
  name: string,
  prefix: string,
  fields: readonly ParsedField[],
  decorated: boolean,
): EventClasses {
  const builder = new ClassBuilder(decorated, name);
  builder.add(name, prefix, fields);
  return {
    classes: builder.classes,
    decorators: [...builder.used].filter((each) => each !== 'Type').toSorted(),
    needsType: builder.used.has('Type'),
  };
}

class ClassBuilder {
  readonly classes: EventClass[] = [];
  readonly used = new Set<string>();

  private readonly names: Set<string>;

  constructor(
    private readonly decorated: boolean,
    ownName: string,
  ) {
    this.names = new Set([ownName]);
  }

  add(name: string, prefix: string, fields: readonly Omit<ParsedField, 'name'>[]): void {
    const members = fields.map(({ node, documentation }) => ({
      name: textOf(node.name),
      node: this.member(prefix, node),
      documentation,
    }));
    this.classes.push({ name, members });
  }

  private member(prefix: string, field: ts.PropertySignature): ts.PropertyDeclaration {
    if (textOf(field.name) === 'constructor')
      throw invalidOption('style', 'class', 'cannot have the field constructor. Use --style interface.');
    const inner = `${prefix}${pascalCase(textOf(field.name))}`;
    const { type, rules } = this.typed(field.type, inner);
    const isOptional = field.questionToken !== undefined;
    const decorators = this.decorated ? [...(isOptional ? [this.rule('IsOptional')] : []), ...rules] : [];
    const { modifiers } = field;
    const mark = factory.createToken(isOptional ? ts.SyntaxKind.QuestionToken : ts.SyntaxKind.ExclamationToken);
    return factory.createPropertyDeclaration([...decorators, ...(modifiers ?? [])], field.name, mark, type, undefined);
  }

  /**
   * Returns the type of a field, with classes for nested objects, and its validation decorators.
   */
  private typed(
    type: ts.TypeNode | undefined,
    inner: string,
  ): { type: ts.TypeNode | undefined; rules: ts.Decorator[] } {
    if (!type) return { type, rules: [] };
    const nullable = withoutNull(type);
    if (nullable) {
      const { type: rest, rules } = this.typed(nullable, inner);
      const union = factory.createUnionTypeNode([
        rest ?? nullable,
        factory.createLiteralTypeNode(factory.createNull()),
      ]);
      return { type: union, rules: [this.rule('ValidateIf', notNull()), ...rules] };
    }
    const list = elementOf(type);
    if (list) {
      const element = this.checked(list, inner, true);
      return { type: rebuilt(type, element.type), rules: [this.rule('IsArray'), ...element.rules] };
    }
    return this.checked(type, inner, false);
  }

  private checked(type: ts.TypeNode, inner: string, each: boolean): { type: ts.TypeNode; rules: ts.Decorator[] } {
    const shape = unparenthesized(type);
    const fields = fieldsOf(shape);
    if (fields) {
      const name = this.uniqueName(inner);
      this.add(
        name,
        name,
        fields.map((node) => ({ node })),
      );
      // ValidateNested ignores a missing value, so IsObject is needed, too.
      const nested = each
        ? [this.rule('ValidateNested', forEach())]
        : [this.rule('IsObject'), this.rule('ValidateNested')];
      return { type: factory.createTypeReferenceNode(name), rules: [...nested, this.typeRule(name)] };
    }
    return { type, rules: this.decorated ? [this.plainRule(shape, each)] : [] };
  }

  /** The class for a field `event` would otherwise have the name of the event's own class. */
  private uniqueName(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.names.has(name); number += 1) name = `${wanted}${number}`;
    this.names.add(name);
    return name;
  }

  private plainRule(type: ts.TypeNode, each: boolean): ts.Decorator {
    const options = each ? [forEach()] : [];
    const literals = literalsOf(type);
    if (literals) return this.rule('IsIn', factory.createArrayLiteralExpression(literals), ...options);
    switch (type.kind) {
      case ts.SyntaxKind.StringKeyword:
        return this.rule('IsString', ...options);
      case ts.SyntaxKind.NumberKeyword:
        // The first argument holds the options of IsNumber.
        return this.rule('IsNumber', ...(each ? [factory.createObjectLiteralExpression(), forEach()] : []));
      case ts.SyntaxKind.BooleanKeyword:
        return this.rule('IsBoolean', ...options);
      case ts.SyntaxKind.UnknownKeyword:
        return this.rule('Allow');
      default:
        return this.predicateRule(type, each);
    }
  }

  /** Creates a rule for types that class-validator has no decorator for. */
  private predicateRule(type: ts.TypeNode, each: boolean): ts.Decorator {
    const value = 'value';
    const { test, functions } = valuePredicate(type, value, each);
    for (const name of functions) this.used.add(name);
    return this.rule(
      'ValidateBy',
      validateBy(test, value),
      failureMessage(each ? `a list of ${typeText(type)}` : typeText(type)),
    );
  }

  private rule(name: string, ...args: ts.Expression[]): ts.Decorator {
    if (this.decorated) this.used.add(name);
    return factory.createDecorator(factory.createCallExpression(factory.createIdentifier(name), undefined, args));
  }

  private typeRule(className: string): ts.Decorator {
    const body = factory.createIdentifier(className);
    return this.rule('Type', factory.createArrowFunction(undefined, undefined, [], undefined, undefined, body));
  }
}

/** Returns the fields of `{ … }`, `Readonly<{ … }>` and `Partial<{ … }>`. */
function fieldsOf(type: ts.TypeNode): readonly ts.PropertySignature[] | undefined {
  if (ts.isTypeLiteralNode(type)) return type.members.filter(ts.isPropertySignature);
  if (!ts.isTypeReferenceNode(type)) return undefined;
  const [argument] = type.typeArguments ?? [];
  const fields = argument && fieldsOf(unparenthesized(argument));
  if (!fields) return undefined;
  return type.typeName.getText() === 'Partial' ? optionalFields(fields) : fields;
}

function textOf(name: ts.PropertyName): string {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : name.getText();
}
