import { ts } from '../shared/source/typescript';
import { mentionsSkipped } from './compiler-host';

/** Declarations that types depend on. */
export interface Dependencies {
  readonly nodes: ReadonlySet<ts.Node>;
  /** False if one of them uses a module that the compiler did not resolve. */
  readonly isComplete: boolean;
}

const TRANSPORT = '@nest-jetstream/transport';
const PACKAGE = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//;

/**
 * Follows the names in declarations to the declarations of these, in all sources and in the
 * libraries that use a skipped package.
 */
export function dependenciesOf(program: ts.Program, roots: Iterable<ts.Node>): Dependencies {
  const search = new DependencySearch(program);
  for (const root of roots) search.nodes.add(root);
  // The set grows while it is read.
  for (const node of search.nodes) search.read(node);
  return search;
}

class DependencySearch implements Dependencies {
  readonly nodes = new Set<ts.Node>();
  isComplete = true;
  private readonly checker: ts.TypeChecker;
  private readonly packages = new Map<string, boolean>();

  constructor(private readonly program: ts.Program) {
    this.checker = program.getTypeChecker();
  }

  read(node: ts.Node): void {
    // A decorator does not change the type of a property.
    if (ts.isDecorator(node)) return;
    if (isBodyOfTyped(node)) return;
    if (ts.isShorthandPropertyAssignment(node))
      return this.follow(this.checker.getShorthandAssignmentValueSymbol(node));
    if (ts.isIdentifier(node)) return this.follow(this.checker.getSymbolAtLocation(node));
    if (ts.isImportTypeNode(node) && !this.isResolved(node.argument)) this.isComplete = false;
    ts.forEachChild(node, (child) => this.read(child));
  }

  private follow(symbol: ts.Symbol | undefined): void {
    if (!symbol) return;
    if (!(symbol.flags & ts.SymbolFlags.Alias)) return this.followDeclarations(symbol);
    if (symbol.declarations?.some((each) => moduleOf(each) === TRANSPORT)) return;
    const target = this.checker.getAliasedSymbol(symbol);
    // The checker has a symbol without declarations for unresolved names.
    if (!target.declarations?.length) this.isComplete = false;
    this.followDeclarations(target);
  }

  private followDeclarations({ declarations = [] }: ts.Symbol): void {
    for (const declaration of declarations) {
      if (ts.isSourceFile(declaration) || !this.isRelevant(declaration.getSourceFile())) continue;
      this.nodes.add(declaration);
    }
  }

  private isResolved(argument: ts.TypeNode): boolean {
    if (!ts.isLiteralTypeNode(argument)) return true;
    return this.checker.getSymbolAtLocation(argument.literal) !== undefined;
  }

  /** Libraries are large, and most of them do not use a skipped package. */
  private isRelevant(file: ts.SourceFile): boolean {
    const [folder] = PACKAGE.exec(file.fileName) ?? [];
    if (folder === undefined) return !this.program.isSourceFileDefaultLibrary(file);
    const isKnown = this.packages.get(folder);
    if (isKnown !== undefined) return isKnown;
    const isRelevant = this.program
      .getSourceFiles()
      .some(({ fileName, text }) => fileName.startsWith(folder) && mentionsSkipped(text));
    this.packages.set(folder, isRelevant && !folder.endsWith(`/${TRANSPORT}/`));
    return this.packages.get(folder) ?? false;
  }
}

/** Returns the module of an import. */
function moduleOf(declaration: ts.Declaration): string | undefined {
  let node: ts.Node = declaration;
  while (!ts.isSourceFile(node) && !ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) node = node.parent;
  if (ts.isSourceFile(node) || !node.moduleSpecifier || !ts.isStringLiteral(node.moduleSpecifier)) return undefined;
  return node.moduleSpecifier.text;
}

/** Returns true for the body of a function that does not determine its type. */
function isBodyOfTyped(node: ts.Node): boolean {
  if (!ts.isBlock(node) || !ts.isFunctionLike(node.parent)) return false;
  return ts.isConstructorDeclaration(node.parent) || node.parent.type !== undefined;
}
