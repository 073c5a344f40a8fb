import type { Rule, SchematicContext, Tree } from '@angular-devkit/schematics';
import { ts } from 'ts-morph';
import { SchematicError } from '../errors';
import { overlap } from '../names/subject';
import { formatChanges } from '../project/format-changes';
import { importExtension } from '../project/import-extension';
import { createSource } from '../project/new-file';
import { readNestProject, type NestProject } from '../project/nest-project';
import { relativeSpecifier } from '../project/paths';
import { register, type Registration } from '../project/register';
import { findRootModule } from '../project/root-module';
import { findStreams } from '../project/streams';
import { TRANSPORT_MODULE, TRANSPORT_PACKAGE } from '../project/transport-package';
import { isCallOf } from '../source/module-metadata';
import { descendants } from '../source/parse';
import { render } from '../template/render';
import type { StreamSchematicOptions } from './options';
import { planStream, type StreamPlan } from './stream-plan';

/** `nest g jetstream-stream orders`: the stream, its module, and the module's registration. */
export function jetstreamStream(options: StreamSchematicOptions): Rule {
  return async (tree, context) => {
    const project = readNestProject(tree, options);
    const plan = planStream(project, options);
    refuseConflicts(tree, project, plan);
    const extension = importExtension(tree, project);
    createSource(tree, project, plan.streamFile, render('jetstream-stream/stream.ts', { ...plan }));
    addModule(tree, context, project, plan, extension);
    if (options.skipImport !== true) registerModule(tree, context, project, plan, extension);
    await formatChanges(tree);
  };
}

function refuseConflicts(tree: Tree, project: NestProject, plan: StreamPlan): void {
  const others = findStreams(tree, project).filter(({ path }) => path !== plan.streamFile);
  const namesake = others.find(({ name }) => name === plan.stream);
  if (namesake)
    throw new SchematicError(
      'NAME_TAKEN',
      `Stream ${plan.stream} is already declared in ${namesake.path}.`,
      plan.stream,
    );
  for (const { name, path, subjects } of others) {
    const [mine, theirs] = overlapping(plan.subjects, subjects) ?? [];
    if (mine === undefined) continue;
    const message = `Subject ${mine} overlaps ${theirs} of stream ${name ?? '?'} (${path}), and a subject belongs to one stream: pass other subjects, with npx nest-jetstream generate stream --subjects.`;
    throw new SchematicError('SUBJECT_OVERLAP', message, mine);
  }
}

function overlapping(left: readonly string[], right: readonly string[]): [string, string] | undefined {
  return left.flatMap((a) => right.map((b): [string, string] => [a, b])).find(([a, b]) => overlap(a, b));
}

function addModule(
  tree: Tree,
  context: SchematicContext,
  project: NestProject,
  plan: StreamPlan,
  extension: '' | '.js' | '.ts',
): void {
  const { streamFile, moduleFile, moduleClass, constant } = plan;
  const streamPath = relativeSpecifier(moduleFile, streamFile);
  if (!tree.exists(moduleFile)) {
    createSource(tree, project, moduleFile, render('jetstream-stream/module.ts', { ...plan, streamPath }, extension));
    return;
  }
  const mentionsStream = (element: ts.Expression) =>
    [...descendants(element)].some((node) => ts.isIdentifier(node) && node.text === constant);
  const registration: Registration = {
    list: 'imports',
    imports: [
      { name: TRANSPORT_MODULE, specifier: TRANSPORT_PACKAGE },
      { name: constant, specifier: streamPath + extension },
    ],
    element: render('jetstream-stream/for-feature.ts', { constant }),
    isPresent: (element) => isCallOf(element, TRANSPORT_MODULE, ['forFeature']) && mentionsStream(element),
  };
  register(tree, context, { path: moduleFile, className: moduleClass }, registration);
}

function registerModule(
  tree: Tree,
  context: SchematicContext,
  project: NestProject,
  plan: StreamPlan,
  extension: string,
): void {
  const root = findRootModule(tree, project);
  const specifier = relativeSpecifier(root?.path ?? project.entryFile, plan.moduleFile) + extension;
  const imports = [{ name: plan.moduleClass, specifier }];
  register(tree, context, root, { list: 'imports', imports, element: plan.moduleClass });
}
