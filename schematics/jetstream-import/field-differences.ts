import { parseFields } from '../shared/fields/parse-fields';
import { ts } from '../shared/source/typescript';

/**
 * Compares the declared fields of an event with those of the document. Types that the code names,
 * such as `Address`, are not compared.
 * @param declared members of the interface or class
 * @param type fields in TypeScript
 * @param side name of the other side, such as `document`
 */
export function fieldDifferences(declared: Iterable<ts.Node>, type: string, side: string): string[] {
  const inCode = new Map([...declared].flatMap(fieldOf));
  const inDocument = new Map(parseFields(type).flatMap(({ node }) => fieldOf(node)));
  const added = [...inDocument].flatMap(([name, field]) =>
    inCode.has(name) ? [] : [`only the ${side} has ${name}${field.mark}: ${field.type}`],
  );
  const removed = [...inCode.keys()].flatMap((name) => (inDocument.has(name) ? [] : [`only the code has ${name}`]));
  const changed = [...inDocument].flatMap(([name, field]) => {
    const own = inCode.get(name);
    if (!own || (own.mark === field.mark && (own.isNamed || own.type === field.type))) return [];
    const actual = own.isNamed ? field.type : own.type;
    return [`${name}${field.mark}: ${field.type} is ${name}${own.mark}: ${actual} in the code`];
  });
  return [...added, ...removed, ...changed];
}

interface Field {
  readonly mark: '' | '?';
  readonly type: string;
  /** True if the type has a name of its own. */
  readonly isNamed: boolean;
}

function fieldOf(node: ts.Node): [string, Field][] {
  if (!(ts.isPropertySignature(node) || ts.isPropertyDeclaration(node)) || !node.type) return [];
  const { name, type, questionToken } = node;
  if (!ts.isIdentifier(name) && !ts.isStringLiteral(name)) return [];
  return [[name.text, { mark: questionToken ? '?' : '', type: textOf(type), isNamed: isNamed(type) }]];
}

/** Returns the type on one line, with one kind of quotes. */
function textOf(type: ts.TypeNode): string {
  const printer = ts.createPrinter({ removeComments: true });
  const text = printer.printNode(ts.EmitHint.Unspecified, type, type.getSourceFile());
  return text.replace(/\s+/g, ' ').replaceAll('"', "'");
}

function isNamed(type: ts.Node): boolean {
  if (ts.isTypeReferenceNode(type) && !/^(?:Readonly)?(?:Array|Record|Partial)$/.test(type.typeName.getText()))
    return true;
  return ts.forEachChild(type, isNamed) ?? false;
}
