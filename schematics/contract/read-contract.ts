import { covers } from '../shared/subject/subject';
import type { ts } from '../shared/source/typescript';
import { findDeclarations, type DeclaredHandler, type DeclaredStream, type DeclaredSubject } from './declarations';
import { compare, comparePlaces } from './definitions';
import { dependenciesOf, type Dependencies } from './dependencies';
import { ContractError } from './errors';
import { anyOf, sortUnions, type Documentation, type JsonSchema } from './json-schema';
import { withUniqueNames } from './message-names';
import { createProgram, typeErrors, type ContractProject } from './project-program';
import { TypeSchemas, type TypeProblem } from './type-schema';

/** An event or a request of the project. */
export interface ContractSubject {
  readonly kind: 'event' | 'request';
  readonly text: string;
  readonly pattern: string;
  /** Name of the message: of its type, or of its constant. */
  readonly name: string;
  readonly documentation: Documentation;
  readonly schema: JsonSchema;
  readonly reply?: { readonly name: string; readonly schema: JsonSchema };
}

/** A handler with the subjects that it receives. */
export interface ContractHandler extends Omit<DeclaredHandler, 'subjects' | 'node'> {
  /** Texts of {@link ContractSubject}. */
  readonly receives: readonly string[];
}

/** Declared events, streams and handlers of a project, in one order. */
export interface Contract {
  readonly subjects: readonly ContractSubject[];
  readonly streams: readonly DeclaredStream[];
  readonly handlers: readonly ContractHandler[];
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  readonly warnings: readonly string[];
}

interface Reading {
  readonly contract: Contract;
  readonly refused: readonly string[];
  /** Declarations that the types of the contract depend on. */
  readonly dependencies: Dependencies;
  /** True if a type is `any`, because the compiler may not have resolved it. */
  readonly hasAny: boolean;
}

const SHOWN_ERRORS = 5;

/**
 * Reads the contract of a project from its types.
 * @throws ContractError (`NO_EVENTS`, `NOT_JSON`, `TYPE_ERRORS`)
 */
export function readContract(project: ContractProject): Contract {
  const lean = createProgram(project, true);
  const first = read(lean, project.workspace);
  const isComplete =
    first.contract.subjects.length > 0 && !first.hasAny && first.refused.length === 0 && first.dependencies.isComplete;
  if (isComplete && typeErrors(lean, first.dependencies.nodes, project, true).length === 0)
    return accepted(first, project);
  // The cause may be a package that the lean program lacks.
  const program = createProgram(project, false);
  const reading = read(program, project.workspace);
  const isEmpty = reading.contract.subjects.length === 0;
  const sources = project.roots.map((path) => program.getSourceFile(path)).filter((source) => source !== undefined);
  const errors = typeErrors(program, isEmpty ? sources : reading.dependencies.nodes, project, false);
  if (errors.length > 0) {
    const shown = errors.slice(0, SHOWN_ERRORS).join('\n');
    const more = errors.length > SHOWN_ERRORS ? ` The first ${SHOWN_ERRORS}:` : '';
    throw new ContractError(
      'TYPE_ERRORS',
      `The project has ${counted(errors.length, 'type error')} where its events are declared. Fix them first.${more}\n${shown}`,
      errors.slice(0, SHOWN_ERRORS),
    );
  }
  return accepted(reading, project);
}

function accepted({ contract, refused }: Reading, { sourceRoot }: ContractProject): Contract {
  if (contract.subjects.length === 0)
    throw new ContractError(
      'NO_EVENTS',
      `${sourceRoot} declares no events. Declare one with subject<OrderCreatedEvent>()('order.created'), or choose another project with --project.`,
      sourceRoot,
    );
  if (refused.length > 0)
    throw new ContractError(
      'NOT_JSON',
      `JSON cannot carry ${counted(refused.length, 'type')} of the events. Use a type of JSON, such as a string.\n${refused.join('\n')}`,
      refused,
    );
  return contract;
}

function read(program: ts.Program, workspace: string): Reading {
  const declared = findDeclarations(program);
  const types = new TypeSchemas(program, workspace);
  const problems: { subject: string; problem: TypeProblem }[] = [];
  const ordered = declared.subjects.toSorted(
    (a, b) => compare(a.text, b.text) || comparePlaces(types.placeOf(a.node), types.placeOf(b.node)),
  );
  const all = ordered.map((each) => toContractSubject(each, types, problems));
  const schemas = types.definitions.finish();
  for (const { schema, reply } of all) sortUnions([schema, reply?.schema]);
  const subjects = withUniqueNames(mergeBySubject(all));
  const receivedBy = receiversOf(subjects);
  const handlers = declared.handlers
    .map(({ node: _node, subjects: handled, ...handler }) => ({ ...handler, receives: receivedBy(handled) }))
    .toSorted((a, b) => compare(a.label, b.label));
  const lines = (kind: TypeProblem['kind']): string[] =>
    problems.filter(({ problem }) => problem.kind === kind).map(({ subject, problem }) => lineOf(subject, problem));
  return {
    contract: {
      subjects,
      handlers,
      schemas,
      streams: declared.streams.toSorted((a, b) => compare(a.name, b.name)),
      warnings: [
        ...lines('unknown').map((line) => `${line} allows every value, so its changes are not compared.`),
        ...handlers
          .filter(({ receives }) => receives.length === 0)
          .map(({ label }) => `${label} receives no declared event. Declare its subject with subject<Event>()('…').`),
      ],
    },
    refused: lines('notJson'),
    dependencies: dependenciesOf(program, [...declared.nodes, ...types.nodes]),
    hasAny: problems.some(({ problem }) => problem.type === 'any'),
  };
}

function toContractSubject(
  { type, reply, node, constant, ...declared }: DeclaredSubject,
  types: TypeSchemas,
  problems: { subject: string; problem: TypeProblem }[],
): ContractSubject {
  const schemaOf = (given: ts.Type): JsonSchema => {
    const found: TypeProblem[] = [];
    const schema = types.schemaOf(given, node, found);
    problems.push(...found.map((problem) => ({ subject: declared.text, problem })));
    return schema;
  };
  const { kind, text, pattern, documentation } = declared;
  return {
    kind,
    text,
    pattern,
    documentation,
    name: types.nameOf(type) ?? constant ?? text,
    schema: schemaOf(type),
    ...(reply && { reply: { name: types.nameOf(reply) ?? `${constant ?? text}_REPLY`, schema: schemaOf(reply) } }),
  };
}

/** Combines the constants of a subject into one with the union of their events. */
function mergeBySubject(subjects: readonly ContractSubject[]): ContractSubject[] {
  const bySubject = new Map<string, ContractSubject[]>();
  for (const subject of subjects) bySubject.set(subject.text, [...(bySubject.get(subject.text) ?? []), subject]);
  return [...bySubject.values()].flatMap((all) => {
    const [first] = all;
    if (!first || all.length === 1) return all;
    const replies = all.flatMap(({ reply }) => (reply ? [reply] : []));
    const [reply] = replies;
    const merged = reply && { reply: Object.assign({}, reply, { schema: unionOf(replies) }) };
    return Object.assign({}, first, { schema: unionOf(all) }, merged);
  });
}

/** Returns a union of schemas, or the only one. */
function unionOf(all: readonly { readonly schema: JsonSchema }[]): JsonSchema {
  const different = new Map(all.map(({ schema }) => [JSON.stringify(schema), schema]));
  const [only] = different.values();
  if (only && different.size === 1) return only;
  const union = anyOf([...different.values()].flatMap(membersOf));
  sortUnions([union]);
  return union;
}

function membersOf({ anyOf: members, enum: values, ...schema }: JsonSchema): JsonSchema[] {
  if (members) return members.flatMap(membersOf);
  return values ? values.map((value) => ({ const: value })) : [schema];
}

/** Returns a function that finds the subjects that handled patterns cover. */
function receiversOf(subjects: readonly ContractSubject[]): (handled: readonly string[]) => string[] {
  const byPattern = new Map<string, string[]>();
  for (const { pattern, text } of subjects) byPattern.set(pattern, [...(byPattern.get(pattern) ?? []), text]);
  return (handled) => {
    // A subject without wildcards covers no other one. Projects have hundreds of both.
    const exact = handled.every((each) => !/[*>]/.test(each));
    if (exact) return [...new Set(handled)].flatMap((each) => byPattern.get(each) ?? []).toSorted(compare);
    return subjects.filter(({ pattern }) => handled.some((each) => covers(each, pattern))).map(({ text }) => text);
  };
}

function lineOf(subject: string, { path, type, place }: TypeProblem): string {
  return `${subject} ${path === '' ? '' : `${path} `}(${type}) in ${place}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
