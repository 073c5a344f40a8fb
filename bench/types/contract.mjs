export const STREAMS = 50;
export const SUBJECTS_OF_A_STREAM = 10;

const EVENT =
  '{ id: string; amount: number; tags: string[]; state: "open" | "closed"; at: { zone: string; unix: number } }';
const VALUE = "{ id: 'a', amount: 1, tags: ['b'], state: 'open', at: { zone: 'UTC', unix: 2 } }";

const numbers = (count) => Array.from({ length: count }, (_, index) => index);
const lines = (list) => list.join('\n');

/** Returns a file with 50 streams of 10 subjects, each with an event, a consumer and an emit. */
const file = ({ head, member, declaration, stream, decorator, context, emit, tail }) =>
  lines([
    head,
    ...numbers(STREAMS).map((s) => {
      const subjects = numbers(SUBJECTS_OF_A_STREAM).map((e) => ({
        name: `S${s}_E${e}`,
        text: `stream${s}.event${e}`,
      }));
      return lines([
        ...subjects.map(({ name }) => `export interface ${name}Event ${EVENT}`),
        ...subjects.map(declaration),
        stream(s, subjects.map(({ name }) => name).join(', ')),
        `@Controller()\nexport class Consumer${s} {`,
        ...subjects.map(
          (subject) =>
            `  ${decorator(subject)}\n  on${subject.name}(@Payload() event: ${subject.name}Event${context(subject)}): void {\n    void event.at.unix;\n  }`,
        ),
        '}',
        `export class Publisher${s} {\n  ${member}`,
        ...subjects.map(({ name }) => `  emit${name}(): void {\n    ${emit(name)}.subscribe();\n  }`),
        '}',
        tail(subjects),
      ]);
    }),
    '',
  ]);

const NEST = "import { Controller } from '@nestjs/common';\n";
const none = () => '';

/** The contract with typed subjects. */
const TYPED = {
  head: `${NEST}import { Ctx, Payload } from '@nestjs/microservices';
import { defineStream, JetStreamConsumer, NatsJetStreamClientProxy, subject } from '@nest-jetstream/transport';
import type { ContextOf, NatsJetStreamPubAck } from '@nest-jetstream/transport';`,
  member: 'constructor(private readonly client: NatsJetStreamClientProxy) {}',
  declaration: ({ name, text }) => `export const ${name} = subject<${name}Event>()('${text}');`,
  stream: (s, names) =>
    `export const Stream${s} = defineStream({ name: 'STREAM${s}', subjects: ['stream${s}.>'], events: { ${names} } });`,
  decorator: ({ name }) => `@JetStreamConsumer(${name}, { durable: 'bench-${name}' })`,
  context: none,
  emit: (name) => `this.client.emit(${name}, ${VALUE})`,
  tail: none,
};

/** The contract with Nest only, with strings as subjects and untyped calls. */
const PLAIN = {
  head: `${NEST}import { ClientProxy, Ctx, EventPattern, Payload } from '@nestjs/microservices';`,
  member: 'constructor(private readonly client: ClientProxy) {}',
  declaration: ({ name, text }) => `export const ${name} = '${text}';`,
  stream: (s, names) =>
    `export const Stream${s} = { name: 'STREAM${s}', subjects: ['stream${s}.>'], events: { ${names} } };`,
  decorator: ({ name }) => `@EventPattern(${name}, { durable: 'bench-${name}' })`,
  context: none,
  emit: (name) => `this.client.emit(${name}, ${VALUE})`,
  tail: none,
};

const withContext = (form, type) => ({ ...form, context: (subject) => `, @Ctx() context: ${type(subject)}` });
const withTypeArguments = (form, result) => ({
  ...form,
  emit: (name) => `this.client.emit<${result}, ${name}Event>(${name}, ${VALUE})`,
});
const withContracts = (form) => ({
  ...form,
  tail: (subjects) =>
    lines([
      "declare module '@nest-jetstream/transport' {\n  interface JetStreamContracts {",
      ...subjects.map(({ name, text }) => `    '${text}': ${name}Event;`),
      '  }\n}',
    ]),
});

const plain = file(PLAIN);
const typed = file(TYPED);

/** Ways to use typed subjects, each with the same program in plain Nest. */
export const FORMS = [
  { name: 'inferred', plain, typed },
  {
    name: 'type arguments',
    plain: file(withTypeArguments(PLAIN, 'void')),
    typed: file(withTypeArguments(TYPED, 'NatsJetStreamPubAck')),
  },
  {
    name: 'contexts',
    plain: file(withContext(PLAIN, () => 'unknown')),
    typed: file(withContext(TYPED, ({ name }) => `ContextOf<typeof ${name}>`)),
  },
  { name: 'strict mode', plain, typed: file(withContracts(TYPED)) },
];
