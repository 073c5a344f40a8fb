import * as ts from 'typescript';
import { CASES } from './compile-cases';
import { openFile } from './language-service';

const indices = Array.from({ length: 100 }, (_, index) => index);
// A stream of 100 events. `/*name*/` marks the end of a name to point at.
const CODE = `import { Ctx, Payload } from '@nestjs/microservices';
import {
  defineStream,
  JetStreamConsumer,
  subject,
  subjectPattern,
  type ContextOf,
  type EventOf,
  type NatsJetStreamClientProxy,
} from '@nest-jetstream/transport';
declare const client: NatsJetStreamClientProxy;
${indices.map((index) => `interface Event${index} { id: number; name: string; tags: string[]; f${index}: 1 }`).join('\n')}
${indices.map((index) => `const EVENT_${index} = subject<Event${index}>()('order.event${index}');`).join('\n')}
const Orders = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  events: { ${indices.map((index) => `EVENT_${index}`).join(', ')} },
});
const ANY_ORDER = subjectPattern(Orders, 'order.*');

class Handlers {
  @JetStreamConsumer/*decorator*/(ANY_ORDER)
  handle/*handler*/(
    @Payload() event: EventOf<typeof ANY_ORDER>,
    @Ctx() context: ContextOf<typeof ANY_ORDER>,
  ): void {
    console.log(event/*event of the pattern*/, context/*context of the pattern*/);
    console.log(context.subject/*subject of the context*/, context.event/*event of the context*/);
  }

  @JetStreamConsumer(EVENT_7)
  one(@Payload() event: Event7): void {
    console.log(event/*event of the constant*/);
  }
}

Orders/*stream*/;
ANY_ORDER/*pattern*/.subjects/*subjects of the pattern*/;
client.emitAsync/*emitAsync*/(EVENT_7/*constant*/, { id: 1, name: '', tags: [], f7: 1 });
`;

describe('An editor, in a stream of 100 events', () => {
  const { service, file } = openFile(CASES, CODE);
  const endOf = (name: string): number => CODE.indexOf(`/*${name}*/`) - 1;
  const hoverOf = (name: string): string =>
    ts.displayPartsToString(service.getQuickInfoAtPosition(file, endOf(name))?.displayParts);
  const linesOf = (targets: readonly ts.DefinitionInfo[] = []): (string | undefined)[] =>
    targets.map(
      ({ fileName, textSpan }) =>
        service.getProgram()?.getSourceFile(fileName)?.text.slice(textSpan.start).split('\n')[0],
    );

  it.each([
    'constant',
    'pattern',
    'event of the pattern',
    'context of the pattern',
    'subject of the context',
    'event of the context',
    'subjects of the pattern',
    'stream',
    'emitAsync',
    'decorator',
    'handler',
  ])('shows at most 20 lines for the name of the %s', (name) => {
    // The compiler shortens types, so the length does not depend on the number of events.
    expect(hoverOf(name)).toMatch(/^(.|\n){20,800}$/);
    expect(hoverOf(name).split('\n').length).toBeLessThan(20);
  });

  it('shows the subject and the event of a constant', () => {
    expect(hoverOf('constant')).toBe('const EVENT_7: EventSubject<"order.event7", Event7>');
  });

  it('goes from a constant to its declaration, which names the event', () => {
    expect(linesOf(service.getDefinitionAtPosition(file, endOf('constant')))).toEqual([
      "EVENT_7 = subject<Event7>()('order.event7');",
    ]);
  });

  // Not from the constant itself: its type is an intersection with a string, which has no type
  // definition in an editor.
  it('goes from the event of a handler to its type', () => {
    expect(linesOf(service.getTypeDefinitionAtPosition(file, endOf('event of the constant')))).toEqual([
      'Event7 { id: number; name: string; tags: string[]; f7: 1 }',
    ]);
  });
});
