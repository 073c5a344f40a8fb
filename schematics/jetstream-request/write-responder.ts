import { posix } from 'node:path';
import type { EventStyle, Validators } from '../shared/event/event-style';
import type { SchematicContext } from '../shared/context';
import { sampleEvent } from '../shared/fields/sample-value';
import { createSource } from '../shared/project/new-file';
import { relativeSpecifier } from '../shared/project/paths';
import { render } from '../shared/template/render';
import type { RequestPlan } from './request-plan';
import type { RequestFields } from './write-contract';

/** Writes the handler and, with a suffix, its spec. Existing files are not changed. */
export function writeResponder(
  { tree, project, extension }: SchematicContext,
  plan: RequestPlan,
  fields: RequestFields,
  style: EventStyle,
  validators: Validators,
  suffix: string | undefined,
): void {
  const { responderFile: path, contractFile } = plan;
  const values = {
    ...plan,
    schema: plan.requestSchema,
    contractPath: relativeSpecifier(path, contractFile),
    responderPath: `./${posix.basename(path, '.ts')}`,
    validation: validationOf(style, validators),
    library: style === 'schema' ? validators.schemaLibrary : undefined,
    sample: sampleEvent(fields.request.map(({ node }) => node)),
    sampleReply: sampleEvent(fields.reply.map(({ node }) => node)),
  };
  createSource(tree, project, path, render('jetstream-request/responder.ts', values, extension));
  if (suffix === undefined) return;
  const specPath = path.replace(/\.ts$/, `.${suffix}.ts`);
  createSource(tree, project, specPath, render('jetstream-request/responder.spec.ts', values, extension));
}

/** Returns how the handler validates requests. */
function validationOf(style: EventStyle, { classValidator }: Validators): 'pipe' | 'schema' | undefined {
  if (style === 'schema') return 'schema';
  return style === 'class' && classValidator ? 'pipe' : undefined;
}
