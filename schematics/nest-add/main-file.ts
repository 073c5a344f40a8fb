import { SchematicError } from '../shared/errors';
import { TRANSPORT_PACKAGE } from '../shared/project/transport-package';
import { detectStyle } from '../shared/source/code-style';
import { importName } from '../shared/edit/add-import';
import { localNames, namespaceNames } from '../shared/source/imports';
import { indentAt } from '../shared/edit/list-edits';
import { descendants } from '../shared/source/parse';
import { restyle } from '../shared/edit/restyle';
import { insertion, type TextEdit } from '../shared/edit/text-edit';
import { ts } from '../shared/source/typescript';
import { render } from '../shared/template/render';
import { createdApps, type AppKind, type CreatedApp } from '../shared/source/created-apps';
import { findListenPlace, insertBefore, type ListenPlace } from './listen-place';

const SERVER = 'NatsJetStreamServer';

/**
 * Returns the kind of application that a main file creates. Undefined if it creates none, or
 * several kinds.
 */
export function mainFileKind(source: ts.SourceFile): AppKind | undefined {
  const kinds = new Set(createdApps(source).map(({ kind }) => kind));
  return kinds.size === 1 ? [...kinds][0] : undefined;
}

/**
 * Returns the edits that connect the transport before the application listens. An application
 * context has no transport and is not changed, because it can only publish.
 * @throws SchematicError (`UNSAFE_EDIT`) if the file does not clearly show the application and
 * where it listens
 */
export function mainFileEdits(source: ts.SourceFile): TextEdit[] {
  if (connectsServer(source)) return [];
  const [app, ...others] = createdApps(source);
  if (!app) throw unsafe(source, 'it creates no application with NestFactory');
  if (others.length > 0) throw unsafe(source, 'it creates more than one application');
  if (app.kind === 'context') return [];
  const server = importName(source, SERVER, TRANSPORT_PACKAGE);
  const place = placeOf(source, app);
  return [
    ...server.edits,
    ...(app.kind === 'application'
      ? hybrid(source, place, server.local)
      : microservice(source, app, place, server.local)),
  ];
}

/** Returns the lines to paste if the main file cannot be edited safely. */
export function mainFileLines(kind: AppKind | undefined): string[] {
  const values = { app: 'app', server: SERVER };
  const files =
    kind === 'microservice'
      ? ['nest-add/create-microservice.ts', 'nest-add/shutdown-hooks.ts']
      : ['nest-add/connect.ts', 'nest-add/shutdown-hooks.ts', 'nest-add/start.ts'];
  const code = files.map((file) => render(file, values)).join('');
  const line = render('source/import.ts', {
    name: SERVER,
    specifier: TRANSPORT_PACKAGE,
    isNamespace: false,
    isType: false,
  });
  return [line.trimEnd(), '', ...code.trimEnd().split('\n')];
}

function placeOf(source: ts.SourceFile, app: CreatedApp): ListenPlace {
  const how = app.call.expression.getText(source);
  if (app.variable === undefined) throw unsafe(source, `it has no "const app = await ${how}(…)"`);
  const place = findListenPlace(source, app);
  if (!place) throw unsafe(source, `it has no ${app.variable}.listen() beside ${how}()`);
  return place;
}

function hybrid(source: ts.SourceFile, place: ListenPlace, server: string): TextEdit[] {
  const { app, statement, calls, startsAlone } = place;
  const hooks = calls.has('enableShutdownHooks') ? '' : render('nest-add/shutdown-hooks.ts', { app });
  // startAllMicroservices would start the other microservices a second time.
  const code = startsAlone
    ? hooks + render('nest-add/connect-alone.ts', { app, server })
    : [
        render('nest-add/connect.ts', { app, server }),
        hooks,
        calls.has('startAllMicroservices') ? '' : render('nest-add/start.ts', { app }),
      ].join('');
  return [insertBefore(source, statement, code)];
}

/** Passes our transport to a microservice that was created without options. */
function microservice(
  source: ts.SourceFile,
  { call }: CreatedApp,
  { app, statement, calls }: ListenPlace,
  server: string,
): TextEdit[] {
  const [module, options] = call.arguments;
  const isOpen = options === undefined || (ts.isObjectLiteralExpression(options) && options.properties.length === 0);
  if (!module || !isOpen || call.typeArguments) {
    throw unsafe(
      source,
      'its microservice already has a transport, and only one is possible. Replace the transport, or use a hybrid application',
    );
  }
  const { eol } = detectStyle(source);
  const indent = indentAt(source, call.getStart(source));
  const code = restyle(`(${render('nest-add/microservice-options.ts', { server }).trimEnd()})`, detectStyle(source))
    .slice(1, -1)
    .replaceAll(eol, `${eol}${indent}`);
  const argument = options
    ? { start: options.getStart(source), end: options.end, text: code }
    : insertion(module.end, `, ${code}`);
  if (calls.has('enableShutdownHooks')) return [argument];
  return [argument, insertBefore(source, statement, render('nest-add/shutdown-hooks.ts', { app }))];
}

function connectsServer(source: ts.SourceFile): boolean {
  const names = localNames(source, SERVER, TRANSPORT_PACKAGE);
  const namespaces = namespaceNames(source, TRANSPORT_PACKAGE);
  return [...descendants(source)].some((node) =>
    ts.isPropertyAccessExpression(node)
      ? node.name.text === SERVER && namespaces.includes(node.expression.getText(source))
      : ts.isIdentifier(node) && names.includes(node.text) && !ts.isImportSpecifier(node.parent),
  );
}

function unsafe(source: ts.SourceFile, why: string): SchematicError {
  return new SchematicError('UNSAFE_EDIT', `${source.fileName} cannot be edited, because ${why}.`, source.fileName);
}
