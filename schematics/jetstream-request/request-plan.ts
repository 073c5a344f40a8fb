import { posix } from 'node:path';
import { invalidOption, SchematicError } from '../shared/errors';
import { fileName } from '../shared/naming/file-name';
import { splitName } from '../shared/naming/name-option';
import { covers, eventSubject } from '../shared/subject/subject';
import { camelCase, constantCase, kebabCase, pascalCase } from '../shared/naming/words';
import type { NestProject } from '../shared/project/nest-project';
import { folderIn } from '../shared/project/paths';
import type { DeclaredStream } from '../shared/project/streams';
import type { RequestSchematicOptions } from './options';

/** The options of the schematic, parsed and validated. */
export interface RequestPlan {
  readonly subject: string;
  readonly constant: string;
  readonly requestType: string;
  readonly replyType: string;
  readonly requestSchema: string;
  readonly replySchema: string;
  readonly responderClass: string;
  /** True if the user chose the folder or the name. */
  readonly isPlaced: boolean;
  readonly contractFile: string;
  readonly responderFile: string;
}

/** @throws SchematicError (`INVALID_OPTION`) */
export function requestSubject(text: string): string {
  if (text.includes(':'))
    throw invalidOption(
      'subject',
      text,
      'captures tokens. A request has one subject, so move the values into its fields.',
    );
  return eventSubject(text);
}

export function planRequest(project: NestProject, options: RequestSchematicOptions): RequestPlan {
  const { name: text, folder } = splitName('subject', options.name, options.path);
  const subject = requestSubject(text);
  const name = options.requestName ?? subject;
  if (!/^[\p{L}\p{N}_.-]+$/u.test(name))
    throw invalidOption('requestName', options.requestName, 'must be letters and digits, such as QuotePrice.');
  const base = pascalCase(name).replace(/(?<=.)Request$/, '');
  const file = fileName(options.requestName === undefined ? 'subject' : 'requestName', name).replace(
    /(?<=.)-request$/,
    '',
  );
  const own = kebabCase(subject.split('.')[0] ?? subject) || file;
  const home = folderIn(project, folder ?? (options.flat === true ? '' : own));
  return {
    subject,
    constant: constantCase(name),
    requestType: `${base}Request`,
    replyType: `${base}Reply`,
    requestSchema: camelCase(`${base}.request.schema`),
    replySchema: camelCase(`${base}.reply.schema`),
    responderClass: `${base}Responder`,
    isPlaced: folder !== undefined || options.requestName !== undefined,
    contractFile: posix.join(home, `${file}.request.ts`),
    responderFile: posix.join(home, `${file}.responder.ts`),
  };
}

/**
 * Throws if a stream stores the subject. The stream's PubAck would arrive before the reply of the
 * handler.
 * @throws SchematicError (`SUBJECT_OVERLAP`)
 */
export function refuseStoredSubject(streams: readonly DeclaredStream[], subject: string): void {
  const stream = streams.find(({ subjects }) => subjects.some((pattern) => covers(pattern, subject)));
  if (!stream) return;
  const name = stream.name ?? stream.constant ?? stream.path;
  const message = `Stream ${name} stores ${subject}, so the request would be answered with its PubAck. Choose a subject outside ${stream.subjects.join(', ')}.`;
  throw new SchematicError('SUBJECT_OVERLAP', message, subject);
}
