import { posix } from 'node:path';
import type { SchematicContext } from '../shared/context';
import type { DeclaredEvent } from '../shared/event/declared-event';
import { validatorsOf } from '../shared/event/event-style';
import { publishingMethod } from '../shared/event/publisher-methods';
import { classNameIn } from '../shared/project/class-file';
import { createSource } from '../shared/project/new-file';
import { registerClass } from '../shared/project/register-class';
import { specifierFor } from '../shared/project/specifier';
import { render } from '../shared/template/render';

interface Route {
  readonly method: string;
  /** Subject with slashes, such as `order/created`. */
  readonly route: string;
  readonly kind: DeclaredEvent['kind'];
  readonly constant: string;
  /** Class that validates the body. */
  readonly eventClass: string | undefined;
}

/**
 * Writes a controller that publishes each event by HTTP, beside its publisher. An existing file is
 * not changed.
 */
export function writeController(
  context: SchematicContext,
  publisherPath: string,
  publisherClass: string,
  events: readonly DeclaredEvent[],
): void {
  const { tree, logger, project, extension } = context;
  const path = publisherPath.replace(/(\.publisher)?\.ts$/, '.controller.ts');
  const wanted = publisherClass.replace(/(Publisher)?$/, 'Controller');
  if (tree.exists(path)) {
    if (!tree.readText(path).includes(publisherClass))
      logger.warn(`${path} already exists and was not changed. Call ${publisherClass} there.`);
    return;
  }
  const hasValidator = validatorsOf(tree).classValidator;
  const routes = events.flatMap((event) => routeOf(context, publisherPath, publisherClass, event, hasValidator) ?? []);
  const values = {
    controllerClass: wanted,
    publisherClass,
    publisherPath: `./${posix.basename(publisherPath, '.ts')}`,
    routes,
    imports: importsOf(context, path, events, routes),
    hasEventType: routes.some(({ eventClass }) => eventClass === undefined),
    hasParams: routes.some(({ kind }) => kind === 'template'),
    isValidated: routes.some(({ eventClass }) => eventClass !== undefined),
  };
  createSource(tree, project, path, render('jetstream-publisher/controller.ts', values, extension));
  registerClass(context, ['controllers'], { name: classNameIn(tree, path, wanted), path });
}

/** Returns undefined if the publisher has no method for the event. */
function routeOf(
  { tree }: SchematicContext,
  publisherPath: string,
  publisherClass: string,
  { constant, kind, text, type }: DeclaredEvent,
  hasValidator: boolean,
): Route | undefined {
  const method = publishingMethod(tree, publisherPath, publisherClass, constant);
  if (method === undefined) return undefined;
  const eventClass = hasValidator && type?.isClass === true ? type.name : undefined;
  return { method, route: text.replaceAll('.', '/'), kind, constant, eventClass };
}

function importsOf(
  context: SchematicContext,
  path: string,
  events: readonly DeclaredEvent[],
  routes: readonly Route[],
): object[] {
  const names = new Map<string, Map<string, boolean>>();
  const add = (name: string, from: string, isType: boolean) => {
    const specifier = specifierFor(context, path, { name, path: from });
    names.set(specifier, (names.get(specifier) ?? new Map<string, boolean>()).set(name, isType));
  };
  for (const event of events) {
    const route = routes.find(({ constant }) => constant === event.constant);
    if (!route) continue;
    if (route.eventClass !== undefined && event.type) add(event.type.name, event.type.path, false);
    if (route.eventClass === undefined || route.kind === 'template') add(event.constant, event.path, true);
  }
  return [...names].map(([from, imported]) => ({
    from,
    isType: [...imported.values()].every(Boolean),
    names: [...imported].map(([name, isType]) => ({ name, isType })),
  }));
}
