import * as ts from 'typescript';

/** Occurrences of `any`, as paths such as `Client.emit(event)`. */
export interface AnyReport {
  /** In declarations of the inspected package. */
  readonly own: readonly string[];
  /** In members that classes and interfaces inherit from other packages. */
  readonly inherited: readonly string[];
}

/**
 * Finds written and inferred `any` in the exports of a declaration file. `isOwn` selects the files
 * of the package.
 */
export function findAny(entry: string, isOwn: (file: string) => boolean): AnyReport {
  const program = ts.createProgram([entry], {
    strict: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
  });
  const source = program.getSourceFile(entry);
  const checker = program.getTypeChecker();
  const module = source && checker.getSymbolAtLocation(source);
  if (!source || !module) throw new Error(`${entry} exports nothing. Run \`npm run build\` first.`);
  // An import that cannot be resolved is `any` as well, but for another reason.
  const [problem] = program.getSemanticDiagnostics(source);
  if (problem) throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'));

  const finder = new AnyFinder(checker, isOwn);
  for (const symbol of checker.getExportsOfModule(module)) finder.visitExport(symbol);
  return { own: [...finder.own].toSorted(), inherited: [...finder.inherited].toSorted() };
}

class AnyFinder {
  readonly own = new Set<string>();
  readonly inherited = new Set<string>();
  private readonly visited = new Set<ts.Type>();
  private readonly entered = new Set<ts.Type>();

  constructor(
    private readonly checker: ts.TypeChecker,
    private readonly isOwn: (file: string) => boolean,
  ) {}

  visitExport(exported: ts.Symbol): void {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(exported) : exported;
    if (!this.declaredByUs(symbol)) return;
    // Open generic types are not resolved, so their source is inspected, too.
    for (const declaration of symbol.declarations ?? []) this.visitNode(declaration, symbol.name);
    if (symbol.flags & ts.SymbolFlags.Type)
      this.visitType(this.checker.getDeclaredTypeOfSymbol(symbol), symbol.name, this.own);
    if (symbol.flags & ts.SymbolFlags.Value)
      this.visitType(this.checker.getTypeOfSymbol(symbol), symbol.name, this.own);
  }

  private visitNode(node: ts.Node, path: string): void {
    if (node.kind === ts.SyntaxKind.AnyKeyword) this.own.add(path);
    const name = ts.isClassElement(node) || ts.isTypeElement(node) ? node.name?.getText() : undefined;
    ts.forEachChild(node, (child) => this.visitNode(child, name === undefined ? path : `${path}.${name}`));
  }

  private visitType(type: ts.Type, path: string, found: Set<string>): void {
    if (type.flags & ts.TypeFlags.Any) {
      found.add(path);
      return;
    }
    const symbol = type.flags & ts.TypeFlags.TypeParameter ? undefined : type.getSymbol();
    const ours = symbol !== undefined && this.declaredByUs(symbol);
    // An own type is reported once, a foreign type at each occurrence. Both may be recursive.
    if ((ours ? this.visited : this.entered).has(type)) return;
    this.visited.add(type);
    this.entered.add(type);

    for (const argument of type.aliasTypeArguments ?? []) this.visitType(argument, path, found);
    if (type.isUnionOrIntersection()) for (const part of type.types) this.visitType(part, path, found);
    if (isReference(type))
      for (const argument of this.checker.getTypeArguments(type)) this.visitType(argument, path, found);
    if (ours) this.visitMembers(type, path);
    else if (symbol && symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Method | ts.SymbolFlags.TypeLiteral)) {
      this.visitSignatures(type, path, found);
    }
    this.entered.delete(type);
  }

  private visitMembers(type: ts.Type, path: string): void {
    this.visitSignatures(type, path, this.own);
    for (const info of this.checker.getIndexInfosOfType(type)) this.visitType(info.type, `${path}[]`, this.own);
    for (const member of this.checker.getPropertiesOfType(type)) {
      if (isPrivate(member) || isOfThePlatform(member) || member.name === 'prototype') continue;
      const found = this.declaredByUs(member) ? this.own : this.inherited;
      this.visitType(this.checker.getTypeOfSymbol(member), `${path}.${member.name}`, found);
    }
  }

  private visitSignatures(type: ts.Type, path: string, found: Set<string>): void {
    for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()]) {
      for (const parameter of signature.getParameters()) {
        this.visitType(this.checker.getTypeOfSymbol(parameter), `${path}(${parameter.name})`, found);
      }
      this.visitType(signature.getReturnType(), `${path}()`, found);
    }
  }

  private declaredByUs(symbol: ts.Symbol): boolean {
    return (symbol.declarations ?? []).some((declaration) => this.isOwn(declaration.getSourceFile().fileName));
  }
}

const isReference = (type: ts.Type): type is ts.TypeReference =>
  'objectFlags' in type && Boolean(Number(type.objectFlags) & ts.ObjectFlags.Reference);

const isPrivateName = (name: ts.DeclarationName | undefined): boolean =>
  name !== undefined && ts.isPrivateIdentifier(name);

/**
 * Every error class inherits the `any` of Error.prepareStackTrace: neither ours nor another
 * package's.
 */
const isOfThePlatform = (member: ts.Symbol): boolean =>
  (member.declarations ?? []).some((declaration) =>
    /\/node_modules\/(typescript\/lib|@types\/node)\//.test(declaration.getSourceFile().fileName),
  );

const isPrivate = (member: ts.Symbol): boolean =>
  (member.declarations ?? []).some(
    (declaration) =>
      Boolean(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) ||
      isPrivateName(ts.getNameOfDeclaration(declaration)),
  );
