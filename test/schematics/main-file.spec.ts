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
  app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
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

  it.each([
    ['a comment and a directive', '  // The port.\n  // eslint-disable-next-line no-console\n'],
    ['a comment of several lines', '  /*\n   * The port.\n   */\n'],
  ])('keeps %s above the statement', (_what, comment) => {
    const change = (main: string) => main.replace('  await app.listen', `${comment}  await app.listen`);
    expect(edited(change(ESM), mainFileEdits)).toBe(change(CONNECTED));
  });

  it('leaves a comment with an empty line below it above the inserted code', () => {
    const comment = '  // Start.\n\n';
    const main = ESM.replace('  await app.listen', `${comment}  await app.listen`);
    const connected = CONNECTED.replace('  app.connectMicroservice', `${comment}  app.connectMicroservice`);
    expect(edited(main, mainFileEdits)).toBe(connected);
  });

  it.each([
    ['a variable', '  const tcp = app.connectMicroservice({});\n  await tcp.listen();\n'],
    ['a call', '  await app.connectMicroservice({}).listen();\n'],
    ['a list', '  const all = [app.connectMicroservice({})];\n  for (const each of all) await each.listen();\n'],
  ])('starts only our microservice beside others that are started through %s', (_how, code) => {
    const result = edited(ESM.replace('  await app.listen', `${code}  await app.listen`), mainFileEdits);
    expect(result).not.toContain('startAllMicroservices');
    expect(result).toContain('await app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) }).listen();');
  });

  it.each([
    ['a try statement', 'try {\n    AWAIT\n  } catch (error) {\n    console.error(error);\n  }'],
    ['both branches of an if statement', 'if (a) {\n    AWAIT\n  } else AWAIT'],
    ['one branch of an if statement', 'if (a) {\n    AWAIT\n  } else {\n    await app.init();\n  }'],
  ])('connects in %s', (_where, code) => {
    const listen = 'await app.listen(process.env.PORT ?? 3000);';
    const result = edited(ESM.replace(listen, code.replaceAll('AWAIT', listen)), mainFileEdits);
    expect(syntaxErrors(result)).toEqual([]);
    const isBranch = code.match(/AWAIT/g)?.length === 1;
    expect(result.indexOf('connectMicroservice') > result.search(/try \{|if \(a\)/)).toBe(isBranch);
    expect(result.indexOf('connectMicroservice')).toBeLessThan(result.indexOf(listen));
  });

  it('does not depend on a condition that starts other microservices', () => {
    const optional = '  if (process.env.NATS) {\n    await app.startAllMicroservices();\n  }\n';
    const result = edited(ESM.replace('  await app.listen', `${optional}  await app.listen`), mainFileEdits);
    expect(result).toContain(
      `${optional}  app.enableShutdownHooks();\n  await app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) }).listen();`,
    );
  });

  it.each([
    ['both branches', 'if (a) {\n    START\n    LISTEN\n  } else {\n    START\n    LISTEN\n  }'],
    ['a try statement', 'try {\n    START\n  } finally {\n    done();\n  }\n  LISTEN'],
    ['the branch that listens', 'if (a) {\n    START\n    LISTEN\n  } else await app.init();'],
  ])('is started by startAllMicroservices() in %s', (_where, code) => {
    const [start, listen] = ['await app.startAllMicroservices();', 'await app.listen(process.env.PORT ?? 3000);'];
    const result = edited(
      ESM.replace(listen, code.replaceAll('START', start).replaceAll('LISTEN', listen)),
      mainFileEdits,
    );
    expect(syntaxErrors(result)).toEqual([]);
    expect(result).toContain('  app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });');
    expect(result.indexOf('connectMicroservice')).toBeLessThan(result.indexOf(start));
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
      ESM.replace('  await app.listen(process.env.PORT ?? 3000);', '  if (process.env.PORT) await app.listen(3000);'),
    ],
    [
      'a start of all microservices after it listens, under a condition',
      ESM.replace(/(await app\.listen.*\n)/, '$1  if (process.env.NATS) await app.startAllMicroservices();\n'),
    ],
    [
      'a start of all microservices in one of two branches that listen',
      ESM.replace(
        /(await app\.listen.*)/,
        'if (a) {\n    await app.startAllMicroservices();\n    $1\n  } else {\n    $1\n  }',
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
