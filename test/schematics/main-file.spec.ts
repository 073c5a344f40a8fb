import { mainFileEdits } from '../../schematics/nest-add/main-file';
import { edited, syntaxErrors } from './support/edited';

const ESM = `import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  await app.listen(process.env.PORT ?? 3000);
}
await bootstrap();
`;

const CONNECTED = `import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { NatsJetStreamServer } from '@nest-jetstream/transport';

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  app.connectMicroservice(
    { strategy: app.get(NatsJetStreamServer) },
    { inheritAppConfig: true },
  );
  app.enableShutdownHooks();
  await app.startAllMicroservices();
  await app.listen(process.env.PORT ?? 3000);
}
await bootstrap();
`;

const FORMS: readonly (readonly [form: string, change: (main: string) => string])[] = [
  ["Nest 12's ESM form", (main) => main],
  [
    "Nest 12's CommonJS form",
    (main) => main.replace("'./app.module.js'", "'./app.module'").replace('await bootstrap', 'void bootstrap'),
  ],
  [
    "Nest 11's form",
    (main) => main.replace("'./app.module.js'", "'./app.module'").replace('await bootstrap', 'bootstrap'),
  ],
  ['CRLF', (main) => main.replaceAll('\n', '\r\n')],
  ['tabs', (main) => main.replace(/^( {2})+/gm, (spaces) => '\t'.repeat(spaces.length / 2))],
  ['four spaces', (main) => main.replace(/^( {2})+/gm, (spaces) => '    '.repeat(spaces.length / 2))],
  ['double quotes', (main) => main.replaceAll("'", '"')],
  ['no semicolons', (main) => main.replaceAll(';\n', '\n')],
  ['a byte order mark', (main) => `\uFEFF${main}`],
  ['a shebang and a licence', (main) => `#!/usr/bin/env node\n// Licence: MIT\n${main}`],
  ['another name of the application', (main) => main.replace(/\bapp\b(?=[. ](=|\w+\())/g, 'shop')],
  [
    'explicit type arguments',
    (main) => main.replace('NestFactory.create(', 'NestFactory.create<NestExpressApplication>('),
  ],
  ['an options argument', (main) => main.replace('create(AppModule)', 'create(AppModule, { bufferLogs: true })')],
  ['comments', (main) => main.replace('  const app', '  // The application.\n  const app')],
];

describe('mainFileEdits', () => {
  it.each(FORMS)('connects %s and keeps its style', (_form, change) => {
    expect(edited(change(ESM), mainFileEdits)).toBe(change(CONNECTED));
  });

  it.each(FORMS)('does not change %s a second time', (_form, change) => {
    expect(edited(change(CONNECTED), mainFileEdits)).toBe(change(CONNECTED));
  });

  it('connects top-level code', () => {
    const main = `import { NestFactory } from '@nestjs/core';\nimport { AppModule } from './app.module.js';\nconst app = await NestFactory.create(AppModule);\nconst server = await app.listen(3000);\n`;
    const result = edited(main, mainFileEdits);
    expect(syntaxErrors(result)).toEqual([]);
    expect(result).toContain('await app.startAllMicroservices();\nconst server = await app.listen(3000);');
  });

  it('connects before the start of other microservices and repeats no call', () => {
    const main = ESM.replace(
      '  await app.listen',
      '  app.enableShutdownHooks();\n  await app.startAllMicroservices();\n  await app.listen',
    );
    const result = edited(main, mainFileEdits);
    expect(result.match(/enableShutdownHooks|startAllMicroservices/g)).toHaveLength(2);
    expect(result.indexOf('connectMicroservice')).toBeLessThan(result.indexOf('startAllMicroservices'));
  });

  it('adds to an import of the transport that is there', () => {
    const main = `import { NatsJetStreamClientProxy } from '@nest-jetstream/transport';\n${ESM}`;
    const result = edited(main, mainFileEdits);
    expect(result).toContain(
      "import { NatsJetStreamClientProxy, NatsJetStreamServer } from '@nest-jetstream/transport';",
    );
  });

  it.each([
    ['no application', 'export {};\n'],
    [
      'a microservice of another transport',
      ESM.replace('NestFactory.create(AppModule)', 'NestFactory.createMicroservice(AppModule, { transport: 0 })'),
    ],
    [
      'two applications',
      ESM.replace('  await app.listen', '  const other = await NestFactory.create(AppModule);\n  await app.listen'),
    ],
    [
      'a listen elsewhere',
      ESM.replace(
        '  await app.listen(process.env.PORT ?? 3000);',
        '  if (process.env.PORT) {\n    await app.listen(3000);\n  }',
      ),
    ],
    [
      'a listen in a callback',
      ESM.replace('await app.listen(process.env.PORT ?? 3000)', 'setup().then(() => app.listen(3000))'),
    ],
    ['the name taken', `${ESM}class NatsJetStreamServer {}\n`],
  ])('refuses to edit %s', (_what, main) => {
    expect(() => edited(main, mainFileEdits)).toThrow(expect.objectContaining({ code: 'UNSAFE_EDIT' }));
  });
});
