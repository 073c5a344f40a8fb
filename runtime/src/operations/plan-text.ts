import { changeText } from '../errors/drift';
import type { ConnectionPlan, PlanStep } from './plan';

const SIGNS = { create: '+', update: '~', refuse: '!', leave: '?', wait: '.' } as const;

/** Returns a plan as lines for people: one for each step, and a summary. */
export function planText(plans: readonly ConnectionPlan[]): string[] {
  const lines = plans.flatMap((plan) => [headOf(plan), ...plan.steps.map(lineOf), ...noteOf(plan)]);
  return [...lines, summaryOf(plans.flatMap(({ steps }) => steps))];
}

function headOf({ connection, id, servers, serverVersion }: ConnectionPlan): string {
  const name = [id ?? 'application', ...(connection === undefined ? [] : [`(connection '${connection}')`])].join(' ');
  return `${name} → ${servers} (nats-server ${serverVersion})`;
}

function lineOf(step: PlanStep): string {
  return `  ${SIGNS[step.action]} ${bodyOf(step)}`;
}

function bodyOf(step: PlanStep): string {
  switch (step.action) {
    case 'create':
      return step.durable === undefined
        ? targetOf(step)
        : `${targetOf(step)}${step.messages === undefined ? '' : `: ${messagesText(step.messages)} for it`}`;
    case 'update':
      return `${targetOf(step)}: ${changeText(step.differences)}`;
    case 'refuse':
      return [
        `${targetOf(step)}: ${step.message}`.replace(/^: /, ''),
        ...(step.messages === undefined ? [] : [`The stream stores ${step.messages.toLocaleString('en')} messages.`]),
      ].join(' ');
    case 'leave':
      return (
        `${targetOf(step)}: no handler uses it, ${messagesText(step.messages)} for it. A start leaves it. If its handler ` +
        `was renamed or removed, delete it with JetStreamAdmin.deleteConsumer('${step.stream}', '${step.durable}').`
      );
    case 'wait':
      return `${step.handler} waits, because no stream stores '${step.subjects.join("', '")}' yet`;
  }
}

function targetOf({ stream, durable }: { readonly stream?: string; readonly durable?: string }): string {
  if (stream === undefined) return '';
  return durable === undefined ? `stream ${stream}` : `durable ${durable} of stream ${stream}`;
}

function messagesText(count: number): string {
  if (count === 0) return 'no messages wait';
  return count === 1 ? '1 message waits' : `${count.toLocaleString('en')} messages wait`;
}

function noteOf({ provisioning, steps }: ConnectionPlan): string[] {
  if (provisioning === 'apply' || !steps.some(isChange)) return [];
  return [
    provisioning === 'verify'
      ? "  With provisioning 'verify', a start fails until these changes are made."
      : "  With provisioning 'none', a start makes none of these changes.",
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
