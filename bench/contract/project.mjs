import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../../scripts/workspace/root.mjs';

const STREAMS = 25;
const EVENTS_OF_A_STREAM = 20;
export const EVENTS = STREAMS * EVENTS_OF_A_STREAM;

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    module: 'nodenext',
    strict: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    skipLibCheck: true,
    types: ['node'],
  },
};

const numbers = (count) => Array.from({ length: count }, (_, index) => index);
const eventsOf = (stream) =>
  numbers(EVENTS_OF_A_STREAM).map((event) => ({
    constant: `S${stream}_E${event}`,
    type: `S${stream}E${event}Event`,
    schema: `s${stream}E${event}Schema`,
    subject: `stream${stream}.event${event}`,
  }));

const asInterface = ({ constant, type, subject }) => `
/** An event of the stream. */
export interface ${type} {
  /** Number of the order. */
  id: string;
  amount: number;
  note?: string | null;
  tags: string[];
  state: 'open' | 'paid' | 'shipped';
  at: { zone: string; unix: number };
  lines: { sku: string; count: number }[];
  byRegion: Record<string, number>;
}
export const ${constant} = subject<${type}>()('${subject}');
`;

const asSchema = ({ constant, type, schema, subject }) => `
export const ${schema} = z.object({
  id: z.string(),
  amount: z.number(),
  note: z.string().nullable().optional(),
  tags: z.array(z.string()),
  state: z.enum(['open', 'paid', 'shipped']),
  at: z.object({ zone: z.string(), unix: z.number() }),
  lines: z.array(z.object({ sku: z.string(), count: z.number() })),
  byRegion: z.record(z.string(), z.number()),
});
export type ${type} = z.infer<typeof ${schema}>;
export const ${constant} = subject(${schema})('${subject}');
`;

/** Styles of events, with the head and the declaration of each. */
const STYLES = {
  interfaces: ['', asInterface],
  'zod schemas': ["import { z } from 'zod';\n", asSchema],
};
export const STYLE_NAMES = Object.keys(STYLES);

const stream = (number, events) => `import { defineStream } from '@nest-jetstream/transport';
import { ${events.map(({ constant }) => constant).join(', ')} } from './events.js';

export const Stream${number} = defineStream({
  name: 'STREAM${number}',
  subjects: ['stream${number}.>'],
  events: { ${events.map(({ constant }) => constant).join(', ')} },
  maxAge: '7d',
});
`;

const consumer = ({ constant, type }) => `import { JetStreamConsumer, type ContextOf } from '@nest-jetstream/transport';
import { Controller, Logger } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { ${constant}, type ${type} } from './events.js';

@Controller()
export class ${type}Consumer {
  private readonly logger = new Logger(${type}Consumer.name);

  @JetStreamConsumer(${constant}, { durable: 'shop-${constant}' })
  handle(@Payload() event: ${type}, @Ctx() context: ContextOf<typeof ${constant}>): void {
    this.logger.log(context.subject + event.id);
  }
}
`;

const publisher = (events) => `import { NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { Injectable } from '@nestjs/common';
import { ${events.flatMap(({ constant, type }) => [constant, `type ${type}`]).join(', ')} } from './events.js';

@Injectable()
export class Publisher {
  constructor(private readonly client: NatsJetStreamClientProxy) {}
${events.map(({ constant, type }) => `\n  ${constant}(event: ${type}) {\n    return this.client.emitAsync(${constant}, event);\n  }`).join('\n')}
}
`;

/** Creates a project as the generators would, with the packages of this repository. */
export function makeProject(folder, style) {
  const [head, declaration] = STYLES[style];
  const write = (path, text) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('package.json', '{ "name": "shop", "version": "1.0.0", "type": "module" }');
  write('tsconfig.json', JSON.stringify(TSCONFIG));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  for (const number of numbers(STREAMS)) {
    const events = eventsOf(number);
    const place = `src/stream${number}`;
    const imports = `import { subject } from '@nest-jetstream/transport';\n${head}`;
    write(`${place}/events.ts`, imports + events.map(declaration).join(''));
    write(`${place}/stream.ts`, stream(number, events));
    write(`${place}/publisher.ts`, publisher(events));
    for (const event of events) write(`${place}/${event.constant}.consumer.ts`, consumer(event));
  }
}
