import { changeText } from '../errors/drift';
import type { ConnectionPlan, PlanStep } from './plan';
import { terminalText } from './terminal-text';

const SIGNS = { create: '+', update: '~', refuse: '!', leave: '?', wait: '.' } as const;

/** Returns a plan as lines for people: one for each step, and a summary. */
export function planText(plans: readonly ConnectionPlan[]): string[] {
  const lines = plans.flatMap((plan) => [headOf(plan), ...plan.steps.map(lineOf), ...noteOf(plan)]);
  return [...lines, summaryOf(plans.flatMap(({ steps }) => steps))].map(terminalText);
}

function headOf({ connection, id, servers, serverVersion }: ConnectionPlan): string {
  const name = [id ?? 'application', ...(connection === undefined ? [] : [`(connection '${connection}')`])].join(' ');
  return `${name} → ${servers} (nats-server ${serverVersion})`;
}

function lineOf(step: PlanStep): string {
  return `  ${SIGNS[step.action]} ${bodyOf(step)}`;
}

function bodyOf(step: PlanStep): string {
  if (step.action === 'wait')
    return `${step.handler} waits, because no stream stores '${step.subjects.join("', '")}' yet`;
  const details = detailsOf(step);
  return step.stream === undefined
    ? details
    : [targetOf(step.stream, step.durable), details].filter(Boolean).join(': ');
}

function detailsOf(step: Exclude<PlanStep, { action: 'wait' }>): string {
  const { action } = step;
  if (action === 'update') {
    const { differences, dropped } = step;
    return `${changeText(differences)}${dropped === undefined ? '' : ` (drops ${storedText(dropped)})`}`;
  }
  if (action === 'refuse') return `${step.message}${affectedText(step)}`;
  if (action === 'create')
    return step.durable === undefined || step.messages === undefined ? '' : `${messagesText(step.messages)} for it`;
  return (
    `no handler uses it, ${messagesText(step.messages)} for it. A start leaves it. If its handler was renamed or removed, ` +
    `delete it with JetStreamAdmin.deleteConsumer('${step.stream}', '${step.durable}').`
  );
}

function targetOf(stream: string, durable?: string): string {
  return durable === undefined ? `stream ${stream}` : `durable ${durable} of stream ${stream}`;
}

function messagesText(count: number): string {
  if (count === 0) return 'no messages wait';
  return count === 1 ? '1 message waits' : `${count.toLocaleString('en')} messages wait`;
}

function affectedText({
  messages,
  dropped,
}: {
  readonly messages?: number;
  readonly dropped?: number | undefined;
}): string {
  if (messages === undefined) return '';
  const stored = ` The stream stores ${messages === 1 ? '1 message' : `${messages.toLocaleString('en')} messages`}.`;
  if (dropped === undefined || messages === 0) return stored;
  return `${stored} The change would drop ${dropped === 0 ? 'none' : dropped.toLocaleString('en')} of them.`;
}

function storedText(count: number): string {
  if (count === 0) return 'no stored messages';
  return count === 1 ? '1 stored message' : `${count.toLocaleString('en')} stored messages`;
}

function noteOf({ provisioning, steps }: ConnectionPlan): string[] {
  if (provisioning === 'apply' || !steps.some(isChange)) return [];
  return [
    provisioning === 'verify'
      ? "  With provisioning 'verify', a start fails until 'npx nest-jetstream apply' has made these changes."
      : "  With provisioning 'none', a start makes none of these changes. 'npx nest-jetstream apply' makes them.",
  ];
}

function summaryOf(steps: readonly PlanStep[]): string {
  const count = (action: PlanStep['action']): number => steps.filter((step) => step.action === action).length;
  if (!steps.some((step) => isChange(step) || step.action === 'refuse'))
    return 'Nothing to do: the server has what the application declares.';
  const parts = [`${count('create')} to create`, `${count('update')} to update`, `${count('refuse')} refused`];
  const verdict = count('refuse') > 0 ? ' A start would fail.' : '';
  return `${parts.join(', ')}.${verdict}`;
}

function isChange({ action }: PlanStep): boolean {
  return action === 'create' || action === 'update';
}
