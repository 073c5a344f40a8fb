import { AckPolicy } from '@nats-io/jetstream';
import type { ConsumerDefinition } from '../../consumer/consumer-definition';
import { ATTEMPT_STREAM } from '../../dead-letter/attempt-stream';
import { deadLetterStreamName } from '../../stream/dead-letter-stream';
import type { Examination, ExaminedService } from './examination';
import type { Operation } from './user-permissions';

/** Subject that a service must be allowed to use. */
export interface RequiredPermission {
  readonly operation: Operation;
  readonly subject: string;
  /** Verb phrase: the use of the permission. */
  readonly use: string;
}

/**
 * Lists the permissions that the handlers of a service need. docs/permissions.md has the same for
 * one stream, and is tested with a server.
 */
export function requiredPermissions(examination: Examination, service: ExaminedService): RequiredPermission[] {
  const { session, open, handlerStreams } = examination;
  const { handlers, provisioning } = service;
  const api = (subject: string, use: string): RequiredPermission => publish(`${open.apiPrefix}.${subject}`, use);
  const required: RequiredPermission[] = [
    { operation: 'subscribe', subject: `${session.connection.inboxPrefix ?? '_INBOX'}.>`, use: 'receive answers' },
  ];
  const declared = session.streams.all().map(({ config }) => config.name);
  if (provisioning === 'apply') required.push(api('STREAM.NAMES', 'find streams'));
  if (provisioning !== 'none') for (const stream of declared) required.push(...ofStream(stream, service, api));
  for (const [at, definition] of handlers.entries())
    for (const stream of handlerStreams[at] ?? []) required.push(...ofHandler(stream, definition, service, api));
  const bySubject = new Map(required.map((each) => [`${each.operation} ${each.subject}`, each]));
  return [...bySubject.values()];
}

type Api = (subject: string, use: string) => RequiredPermission;

function ofStream(stream: string, { provisioning }: ExaminedService, api: Api): RequiredPermission[] {
  const changes = provisioning === 'apply' ? (['CREATE', 'UPDATE'] as const) : [];
  return [
    api(`STREAM.INFO.${stream}`, `compare stream '${stream}'`),
    ...changes.map((change) => api(`STREAM.${change}.${stream}`, `provision stream '${stream}'`)),
  ];
}

function ofHandler(
  stream: string,
  definition: ConsumerDefinition,
  { provisioning }: ExaminedService,
  api: Api,
): RequiredPermission[] {
  const { durable, ephemeral, settings } = definition;
  // Its consumer has a random name, so it needs permissions for the whole stream.
  if (ephemeral) return [];
  const isAcknowledged = settings.ackPolicy !== AckPolicy.None;
  const isPulled = settings.delivery.kind === 'pull';
  return [
    api(`CONSUMER.INFO.${stream}.${durable}`, `bind to consumer '${durable}'`),
    ...(isPulled ? [api(`CONSUMER.MSG.NEXT.${stream}.${durable}`, `receive messages of '${durable}'`)] : []),
    ...(isAcknowledged ? [publish(`$JS.ACK.${stream}.${durable}.>`, `acknowledge messages of '${durable}'`)] : []),
    ...(provisioning === 'none' ? [] : [api(`CONSUMER.LIST.${stream}`, 'find durables that no handler uses')]),
    ...(provisioning === 'apply'
      ? ['CREATE', 'DURABLE.CREATE'].map((verb) =>
          api(`CONSUMER.${verb}.${stream}.${durable}`, `provision consumer '${durable}'`),
        )
      : []),
    ...(settings.deadLetter === 'stream' ? ofDeadLetters(stream, definition, provisioning, api) : []),
    ...(isAcknowledged && settings.maxDeliver > 0 ? ofAttempts(stream, durable, provisioning, api) : []),
  ];
}

function ofDeadLetters(
  stream: string,
  { durable, settings }: ConsumerDefinition,
  provisioning: ExaminedService['provisioning'],
  api: Api,
): RequiredPermission[] {
  const name = deadLetterStreamName(stream);
  const use = `store dead letters of '${durable}'`;
  const redriven = `receive redriven messages of '${durable}'`;
  return [
    publish(`dead.${stream}.${durable}.>`, use),
    api(`STREAM.MSG.GET.${name}`, use),
    ...ofServingStream(name, provisioning, api),
    ...(settings.pinned
      ? []
      : [
          api(`CONSUMER.INFO.${name}.redrive-${durable}`, redriven),
          api(`CONSUMER.MSG.NEXT.${name}.redrive-${durable}`, redriven),
          publish(`$JS.ACK.${name}.redrive-${durable}.>`, redriven),
          api(`STREAM.MSG.DELETE.${name}`, redriven),
        ]),
  ];
}

function ofAttempts(
  stream: string,
  durable: string,
  provisioning: ExaminedService['provisioning'],
  api: Api,
): RequiredPermission[] {
  const use = `count attempts of '${durable}'`;
  return [
    publish(`jetstream-attempts.${stream}.${durable}.>`, use),
    api(`STREAM.MSG.GET.${ATTEMPT_STREAM.name}`, use),
    ...ofServingStream(ATTEMPT_STREAM.name, provisioning, api),
  ];
}

function ofServingStream(name: string, provisioning: ExaminedService['provisioning'], api: Api): RequiredPermission[] {
  return [
    ...(provisioning === 'none' ? [] : [api(`STREAM.INFO.${name}`, `compare stream '${name}'`)]),
    ...(provisioning === 'apply' ? [api(`STREAM.CREATE.${name}`, `create stream '${name}'`)] : []),
  ];
}

function publish(subject: string, use: string): RequiredPermission {
  return { operation: 'publish', subject, use };
}
