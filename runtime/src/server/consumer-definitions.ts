import { randomUUID } from 'node:crypto';
import type { MessageHandler } from '@nestjs/microservices';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import { CONSUMER_OPTIONS, consumerSettings, type ConsumerOptions } from '../consumer/consumer-options';
import { assertDurableName, deriveDurableName } from '../consumer/durable-name';
import { REFUSED_OPTIONS } from '../consumer/refused-options';
import { CONSUMER_MARK, type ConsumerMark } from '../consumer/jetstream-consumer.decorator';
import { DuplicateDurableError, InvalidOptionError, MissingServiceIdError } from '../errors/configuration.errors';
import { OptionProblems } from '../errors/option-problems';
import { subjectMatches } from '../subject/subject-match';
import type { ConsumerDefaults } from './nats-jetstream-server.options';
import { assertSubjectPattern } from '../subject/subject-syntax';

export interface EventHandler {
  readonly subject: string;
  readonly handler: MessageHandler;
}

const KNOWN_OPTIONS = new Set(['durable', ...CONSUMER_OPTIONS]);

/**
 * What Nest registered, as consumers: every mistake is found here, before anything is sent to the server.
 * @throws the one that was found, or InvalidOptionsError (`INVALID_OPTIONS`) with each of several.
 */
export function consumerDefinitions(
  handlers: readonly EventHandler[],
  serviceId: string | undefined,
  defaults: ConsumerDefaults = {},
  inboxPrefix?: string,
): HandlerDefinition[] {
  const { durable: names = true, ...shared } = defaults;
  const claims = new Claims();
  const problems = new OptionProblems();
  problems.try(() => refuseNamedOrdered(defaults));
  const definitions = handlers.map((registered) =>
    problems.try(() => define(registered, serviceId, names, shared, claims)),
  );
  problems.throwIfAny();
  return definitions
    .filter((definition) => definition !== undefined)
    .map((definition) => Object.assign(definition, { inboxPrefix }));
}

function define(
  { subject, handler }: EventHandler,
  serviceId: string | undefined,
  names: boolean | string,
  shared: ConsumerOptions,
  claims: Claims,
): HandlerDefinition {
  assertSubjectPattern(subject);
  const mark: ConsumerMark | undefined = handler.extras?.[CONSUMER_MARK];
  const label = mark ? `${mark.className}.${mark.method}` : `the handler of '${subject}'`;
  const { durable = names, ...own } = mark?.options ?? {};
  refuseNamedOrdered(mark?.options ?? {});
  assertKnownOptions({ ...shared, ...own }, label);
  const settings = consumerSettings(shared, own);
  const ephemeral = durable === false || settings.delivery.kind === 'ordered';
  const given = !ephemeral && (durable !== names || mark?.options.durable !== undefined);
  const name =
    given && typeof durable === 'string'
      ? durable
      : derived(typeof names === 'string' ? names : serviceId, subject, mark, ephemeral);
  assertDurableName(name);
  claims.durable(name, label);
  if (settings.delivery.kind === 'push') claims.deliverSubject(settings.delivery.literal, label);
  const filters = settings.filterSubjects ?? [subject];
  filters.forEach((filter) => assertWithin(filter, subject));
  return { durable: name, ephemeral, subjects: filters, handler, label, settings };
}

/** `durable: true` of the other handlers does not concern an ordered one; said of itself, it cannot be had. */
function refuseNamedOrdered({ orderedConsumer, durable }: ConsumerDefaults): void {
  if (!orderedConsumer || durable === undefined || durable === false) return;
  const remedy =
    'an ordered consumer begins anew at each start, and keeps no position: leave out either it or orderedConsumer';
  throw new InvalidOptionError('durable', durable, remedy);
}

/** A consumer without a position is one of its process: its name need not be known to the next. */
function derived(
  service: string | undefined,
  subject: string,
  mark: ConsumerMark | undefined,
  ephemeral: boolean,
): string {
  if (!service && !ephemeral) throw new MissingServiceIdError(subject);
  const handler = mark ? [`${mark.className}.${mark.method}`] : [];
  return deriveDurableName(service ?? 'ephemeral', subject, ...handler, ...(ephemeral ? [randomUUID()] : []));
}

function assertWithin(filter: string, subject: string): void {
  assertSubjectPattern(filter);
  if (subjectMatches(filter, subject)) return;
  throw new InvalidOptionError('filterSubject', filter, `the handler is of '${subject}', which does not cover it`);
}

/** What only one handler may have. */
class Claims {
  private readonly durables = new Map<string, string>();
  private readonly subjects = new Map<string, string>();

  durable(name: string, label: string): void {
    const other = this.durables.get(name);
    if (other) throw new DuplicateDurableError(name, other, label);
    this.durables.set(name, label);
  }

  deliverSubject(subject: string | undefined, label: string): void {
    const other = subject === undefined ? undefined : this.subjects.get(subject);
    if (subject === undefined) return;
    if (other) {
      const remedy = `${other} and ${label} would receive each other's messages: use deliverTo, a prefix`;
      throw new InvalidOptionError('deliverToSubject', subject, remedy);
    }
    this.subjects.set(subject, label);
  }
}

/** An option that is not known would be ignored without a word otherwise, and somebody relies on it. */
function assertKnownOptions(options: object, label: string): void {
  for (const [option, value] of Object.entries(options)) {
    if (!KNOWN_OPTIONS.has(option)) {
      const remedy = REFUSED_OPTIONS[option] ?? `${label} knows ${[...KNOWN_OPTIONS].join(', ')}`;
      throw new InvalidOptionError(option, value, remedy);
    }
  }
}
