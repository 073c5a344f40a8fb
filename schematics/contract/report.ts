import type { ContractChange } from './compare-documents';

/** Returns the lines that `contract check` prints. */
export function reportLines(changes: readonly ContractChange[], unused: readonly string[]): string[] {
  const lines: string[] = [];
  for (const head of new Set(changes.map(headOf)))
    lines.push(head, ...changes.filter((change) => headOf(change) === head).flatMap(changeLines));
  return [...lines, summary(changes), ...unused.map(unusedLine)];
}

function headOf({ subject, message }: ContractChange): string {
  return `${subject}  ${message}`;
}

function changeLines({ level, path, text, effect, breaks }: ContractChange): string[] {
  const sides = breaks.length === 0 ? '' : ` (${breaks.join(', ')})`;
  return [`  ${level.padEnd(7)} ${path === '' ? '' : `${path}  `}${text}${sides}`, `          ${effect}`];
}

function summary(changes: readonly ContractChange[]): string {
  const breaking = changes.filter(({ level }) => level === 'break');
  const [first] = breaking;
  if (!first) return `No breaking changes.`;
  const count = `${breaking.length} breaking ${breaking.length === 1 ? 'change' : 'changes'}`;
  return `${count}. To allow one, add its id, such as "${first.id}", to jetstream.allowBreaking in nest-cli.json.`;
}

function unusedLine(id: string): string {
  return `note: jetstream.allowBreaking has "${id}", which matches no breaking change. Remove it.`;
}
