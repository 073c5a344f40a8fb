import { terminalText } from '../terminal-text';
import { countText } from '../text-table';
import type { Diagnosis } from './diagnose';
import type { Finding } from './finding';

const SIGNS = { error: '!', warning: '?' } as const;

/** Returns a diagnosis as lines for people: two for each finding, and a summary. */
export function doctorText(diagnosis: Diagnosis): string[] {
  const { findings, denied } = diagnosis;
  const lines = [
    headOf(diagnosis),
    ...findings.flatMap(linesOf),
    ...denied.map((subject) => `  . Some checks were left out. Allow the user to publish to '${subject}'.`),
    summaryOf(diagnosis),
  ];
  return lines.map(terminalText);
}

function headOf({ id, servers, serverVersion }: Diagnosis): string {
  const server = serverVersion === undefined ? servers : `${servers} (nats-server ${serverVersion})`;
  return id === undefined ? server : `${id} → ${server}`;
}

function linesOf({ code, severity, finding, remedy }: Finding): string[] {
  return [`  ${SIGNS[severity]} ${code}: ${finding}`, `      ${remedy}`];
}

function summaryOf({ findings, streams, consumers }: Diagnosis): string {
  const checked = `Checked ${plural(streams, 'stream')} and ${plural(consumers, 'consumer')}`;
  if (findings.length === 0) return `${checked}: no findings.`;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return `${checked}: ${plural(errors, 'error')}, ${plural(findings.length - errors, 'warning')}.`;
}

function plural(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}
