import { ts } from '../shared/source/typescript';
import { documentationOf } from './documentation';
import type { Documentation } from './json-schema';
import { typedDecorator, writtenDecorator } from './handler-decorator';
import { OtherLibraries } from './other-libraries';
import { derivedDurableOf, registrationOf, type Registration } from './registration';
import { bare, entriesOf, knownOf, UNKNOWN, valueOfType } from './static-value';
import { SubjectTypes, type TypedSubject } from './typed-subject';

/** A declared event or request. */
export interface DeclaredSubject extends TypedSubject {
  /** Name of its constant, such as `ORDER_CREATED`. */
  readonly constant: string | undefined;
  readonly documentation: Documentation;
  readonly node: ts.Node;
}

export interface DeclaredStream {
  readonly name: string;
  readonly subjects: readonly string[];
  /** Options of `defineStream` with a value in the source. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Options with a value that is known at run time only. */
  readonly dynamic: readonly string[];
}

/** A method with `@JetStreamConsumer` or `@JetStreamResponder`. */
export interface DeclaredHandler {
  readonly kind: 'consumer' | 'responder';
  /** Class and method, such as `OrderCreatedConsumer.handle`. */
  readonly label: string;
  /** Patterns of the events that it receives. */
  readonly subjects: readonly string[];
  /** Options with a value in the source, and the durable that the transport derives. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly documentation: Documentation;
  readonly node: ts.Node;
}

export interface Declarations {
  readonly subjects: readonly DeclaredSubject[];
  readonly streams: readonly DeclaredStream[];
  readonly handlers: readonly DeclaredHandler[];
  /** Declarations of subjects and streams. */
  readonly nodes: ReadonlySet<ts.Node>;
}

/** A handler before all registrations are found. */
interface FoundHandler extends DeclaredHandler {
  /**
   * Subject or pattern that Nest registers. Undefined if the source does not determine the
   * handler's name.
   */
  readonly subject: string | undefined;
  /** Options with a value that is known at run time only. */
  readonly dynamic: readonly string[];
}

const TRANSPORT = '@nest-jetstream/transport';

/** Finds the events, streams and handlers in all sources of a program. */
export function findDeclarations(program: ts.Program): Declarations {
  const search = new DeclarationSearch(program);
  for (const source of program.getSourceFiles()) {
    if (program.isSourceFileDefaultLibrary(source)) continue;
    if (!source.isDeclarationFile && !source.fileName.includes('/node_modules/')) search.visit(source);
    // The declarations of a library, such as one that another team publishes.
    else if (source.isDeclarationFile && source.text.includes(TRANSPORT)) search.visitLibrary(source);
  }
  return search;
}

class DeclarationSearch implements Declarations {
  readonly subjects: DeclaredSubject[] = [];
  readonly streams: DeclaredStream[] = [];
  readonly nodes = new Set<ts.Node>();
  private readonly found: FoundHandler[] = [];
  private readonly registrations: Registration[] = [];
  private readonly checker: ts.TypeChecker;
  private readonly types: SubjectTypes;
  private readonly libraries: OtherLibraries;

  constructor(program: ts.Program) {
    this.checker = program.getTypeChecker();
    this.types = new SubjectTypes(this.checker);
    this.libraries = new OtherLibraries(program);
  }

  get handlers(): DeclaredHandler[] {
    return this.found.map(({ subject, dynamic, ...handler }) => {
      const durable = derivedDurableOf({ ...handler, subject, dynamic }, this.registrations);
      return { ...handler, options: { ...handler.options, ...(durable === undefined ? {} : { durable }) } };
    });
  }

  /** Reads calls outside of function bodies, because a contract is declared once. */
  visit(node: ts.Node): void {
    if (ts.isCallExpression(node) && !ts.isDecorator(node.parent)) this.readCall(node);
    if (ts.isMethodDeclaration(node) && ts.isClassDeclaration(node.parent)) this.readMethod(node, node.parent);
    if (ts.isFunctionLike(node)) return;
    ts.forEachChild(node, (child) => this.visit(child));
  }

  visitLibrary(node: ts.Node): void {
    if (ts.isVariableDeclaration(node) && node.type) this.read(this.checker.getTypeAtLocation(node.name), node);
    ts.forEachChild(node, (child) => this.visitLibrary(child));
  }

  private readCall(node: ts.CallExpression): void {
    if (this.libraries.hasCalled(node)) return;
    const registration = registrationOf(node, this.checker);
    if (registration) this.registrations.push(registration);
    else this.read(this.checker.getTypeAtLocation(node), node);
  }

  private read(type: ts.Type, node: ts.Node): void {
    if (type.symbol?.name === 'StreamDefinition') return this.addStream(type, node);
    const subject = this.types.read(type);
    if (!subject) return;
    const { name, symbol } = constantOf(node, this.checker);
    const documentation = documentationOf(symbol, this.checker);
    this.subjects.push({ ...subject, constant: name, documentation, node });
    this.nodes.add(node);
  }

  private addStream(type: ts.Type, node: ts.Node): void {
    const name = this.types.propertyOf(type, 'name');
    const declared = this.types.propertyOf(type, 'subjects');
    const subjects = declared === undefined ? UNKNOWN : valueOfType(declared, this.checker);
    if (!name?.isStringLiteral()) return;
    const [argument] = ts.isCallExpression(node) ? node.arguments : [];
    const literal = argument && bare(argument);
    const entries = literal && ts.isObjectLiteralExpression(literal) ? entriesOf(literal, this.checker) : [];
    const options = entries.filter(([option]) => !['name', 'subjects', 'events'].includes(option));
    this.streams.push({
      name: name.value,
      subjects: Array.isArray(subjects) ? subjects.map(String) : [],
      options: Object.fromEntries(options.filter(([, value]) => value !== UNKNOWN)),
      dynamic: options.filter(([, value]) => value === UNKNOWN).map(([option]) => option),
    });
    this.nodes.add(node);
  }

  private readMethod(method: ts.MethodDeclaration, owner: ts.ClassDeclaration): void {
    for (const { expression } of ts.getDecorators(method) ?? []) {
      const decorator = writtenDecorator(expression, this.checker) ?? typedDecorator(expression, this.checker);
      if (!decorator) continue;
      const { kind, subject, values } = decorator;
      const isNamed = owner.name !== undefined && ts.isIdentifier(method.name);
      this.found.push({
        kind,
        label: `${owner.name?.text ?? 'Anonymous'}.${method.name.getText()}`,
        subject: isNamed ? this.types.registered(subject) : undefined,
        subjects: this.types.handled(subject),
        options: knownOf(values),
        dynamic: Object.keys(values).filter((option) => values[option] === UNKNOWN),
        documentation: documentationOf(this.checker.getSymbolAtLocation(method.name), this.checker),
        node: method,
      });
    }
  }
}

/** Returns the constant or property that a declaration is assigned to. */
function constantOf(node: ts.Node, checker: ts.TypeChecker): { name?: string; symbol?: ts.Symbol | undefined } {
  for (let parent: ts.Node = node; !ts.isSourceFile(parent); parent = parent.parent) {
    if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent))
      return { name: parent.name.getText(), symbol: checker.getSymbolAtLocation(parent.name) };
  }
  return {};
}
