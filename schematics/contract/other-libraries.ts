import { ts } from '../shared/source/typescript';

const TRANSPORT = '@nest-jetstream/transport';
const PACKAGE = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//;

/** Libraries that do not use the transport, such as zod. Their functions return no subject. */
export class OtherLibraries {
  private readonly known = new Map<string, boolean>();

  constructor(private readonly program: ts.Program) {}

  /** Returns true for a call of such a library, such as `z.object({})`. */
  hasCalled({ expression }: ts.CallExpression): boolean {
    let root: ts.Expression = expression;
    while (ts.isPropertyAccessExpression(root) || ts.isCallExpression(root)) root = root.expression;
    const symbol = ts.isIdentifier(root) ? declaredSymbol(root, this.program.getTypeChecker()) : undefined;
    const declarations = symbol?.declarations ?? [];
    return declarations.length > 0 && declarations.every((each) => this.includes(each.getSourceFile().fileName));
  }

  private includes(path: string): boolean {
    const [folder] = PACKAGE.exec(path) ?? [];
    if (folder === undefined) return false;
    const known = this.known.get(folder);
    if (known !== undefined) return known;
    const files = this.program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(folder));
    const isOther = !folder.endsWith(`/${TRANSPORT}/`) && !files.some(({ text }) => text.includes(TRANSPORT));
    this.known.set(folder, isOther);
    return isOther;
  }
}

/** Returns the symbol of a name, where it is declared. */
export function declaredSymbol(name: ts.Node, checker: ts.TypeChecker): ts.Symbol | undefined {
  const symbol = checker.getSymbolAtLocation(name);
  return symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}
