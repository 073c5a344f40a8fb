import { SchematicError } from '../shared/errors';
import { contractCode } from '../shared/event/event-code';
import type { EventStyle, Validators } from '../shared/event/event-style';
import { useImport } from '../shared/edit/add-import';
import type { SchematicContext } from '../shared/context';
import type { ParsedField } from '../shared/fields/parse-fields';
import { createSource, projectStyle } from '../shared/project/new-file';
import { detectStyle } from '../shared/source/code-style';
import { parseFile } from '../shared/source/parse';
import { restyle } from '../shared/edit/restyle';
import { applyEdits, insertion } from '../shared/edit/text-edit';
import { render } from '../shared/template/render';
import type { RequestPlan } from './request-plan';

/** Fields of request and reply. */
export interface RequestFields {
  readonly request: readonly ParsedField[];
  readonly reply: readonly ParsedField[];
}

/** Writes the file that both sides import, with the types of request and reply and the subject. */
export function writeContract(
  { tree, project }: SchematicContext,
  plan: RequestPlan,
  { request, reply }: RequestFields,
  style: EventStyle,
  validators: Validators,
): void {
  const { contractFile: path, requestType, replyType, requestSchema, replySchema, constant, subject } = plan;
  const codes = [
    contractCode({ name: requestType, prefix: requestType, schema: requestSchema, fields: request }, style, validators),
    contractCode({ name: replyType, prefix: replyType, schema: replySchema, fields: reply }, style, validators),
  ];
  const names = codes.flatMap((code) => code.names);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new SchematicError('NAME_TAKEN', `${path} would declare ${twice} twice. Rename a field of the type.`, twice);
  createSource(tree, project, path, render('jetstream-event/events.ts', { maker: 'subject' }));
  for (const imported of codes.flatMap((code) => code.imports)) useImport(tree, path, imported);
  const source = parseFile(tree, path);
  const values = { constant, requestType, replyType, subject };
  const text = [...codes.map((code) => code.text), render('jetstream-request/constant.ts', values)].join('');
  const layout = detectStyle(source, projectStyle(tree, project));
  applyEdits(tree, path, [insertion(source.text.length, restyle(text, layout))]);
}
