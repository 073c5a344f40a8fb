import { derivedDurable } from '../../runtime/src/util/derived-name';
import { ts } from '../shared/source/typescript';
import { entriesOf, objectLiteralOf, UNKNOWN } from './static-value';

/** Options of `NatsJetStreamTransport.register` that names of consumers depend on. */
export interface Registration {
  readonly connection?: unknown;
  readonly id?: unknown;
  /** Options `durable` and `orderedConsumer` of `consumerOptions`. */
  readonly durable?: unknown;
  readonly orderedConsumer?: unknown;
}

/** Stands for options that are known at run time only. */
const UNKNOWN_OPTIONS: Registration = { connection: UNKNOWN };
const METHODS = new Set(['register', 'registerAsync']);

/** Returns the options of a call that registers the transport. */
export function registrationOf(call: ts.CallExpression, checker: ts.TypeChecker): Registration | undefined {
  const { expression: method } = call;
  if (!ts.isPropertyAccessExpression(method) || !METHODS.has(method.name.text)) return undefined;
  if (checker.getTypeAtLocation(method.expression).symbol?.name !== 'NatsJetStreamTransport') return undefined;
  const [argument] = call.arguments;
  if (!argument) return {};
  const options = objectLiteralOf(argument, checker);
  if (!options || method.name.text === 'registerAsync') return UNKNOWN_OPTIONS;
  const { connection, id, ...others } = Object.fromEntries(entriesOf(options, checker));
  const defaults = defaultsOf(options, others['consumerOptions'], checker);
  if ('...' in others || '...' in defaults) return UNKNOWN_OPTIONS;
  const { durable, orderedConsumer } = defaults;
  return { connection, id, durable, orderedConsumer };
}

/** Returns the default options of consumers. One that is a function does not hide the others. */
function defaultsOf(
  options: ts.ObjectLiteralExpression,
  value: unknown,
  checker: ts.TypeChecker,
): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return { ...value };
  if (value === undefined) return {};
  const property = options.properties.find((each) => each.name?.getText() === 'consumerOptions');
  const literal =
    property && ts.isPropertyAssignment(property) ? objectLiteralOf(property.initializer, checker) : undefined;
  return literal ? Object.fromEntries(entriesOf(literal, checker)) : { '...': UNKNOWN };
}

/** A handler whose durable may be derived. */
interface NamedHandler {
  readonly kind: 'consumer' | 'responder';
  /** Class and method, such as `OrdersConsumer.created`. */
  readonly label: string;
  /** Subject or pattern that Nest registers. Undefined if the sources do not determine it. */
  readonly subject: string | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  /** Options with a value that is known at run time only. */
  readonly dynamic: readonly string[];
}

/**
 * Returns the durable that the transport derives for a handler, if the sources determine it.
 * @param registrations all of the application
 */
export function derivedDurableOf(
  { kind, label, subject, options, dynamic }: NamedHandler,
  registrations: readonly Registration[],
): string | undefined {
  const isDynamic = ['durable', 'orderedConsumer', 'connection', '...'].some((option) => dynamic.includes(option));
  if (kind !== 'consumer' || subject === undefined || isDynamic || typeof options['durable'] === 'string')
    return undefined;
  if (registrations.some(({ connection }) => connection === UNKNOWN)) return undefined;
  const [registration, ...others] = registrations.filter(({ connection }) => connection === options['connection']);
  if (!registration || others.length > 0) return undefined;
  const { durable: names, id } = registration;
  const service = typeof names === 'string' ? names : id;
  const { durable, orderedConsumer } = { ...registration, ...options };
  if (typeof service !== 'string' || service === '' || [names, durable, orderedConsumer].includes(UNKNOWN))
    return undefined;
  return durable === false || orderedConsumer === true ? undefined : derivedDurable(service, subject, label);
}
