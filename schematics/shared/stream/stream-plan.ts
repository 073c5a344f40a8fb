import { posix } from 'node:path';
import { invalidOption } from '../errors';
import { fileName } from '../naming/file-name';
import { splitName } from '../naming/name-option';
import { singular } from '../naming/singular';
import { streamSubject } from '../subject/subject';
import { constantCase, pascalCase } from '../naming/words';
import type { NestProject } from '../project/nest-project';
import { folderIn } from '../project/paths';
import type { StreamSchematicOptions } from './stream-options';
import { parseSettings, type StreamEntries, type StreamSettings } from './stream-settings';

/** The options of the schematic, parsed and validated. */
export interface StreamPlan {
  /** Name as the user typed it. */
  readonly name: string;
  /** Name of the stream on the server. */
  readonly stream: string;
  readonly subjects: readonly string[];
  /** True if the user gave no subjects. */
  readonly hasDefaultSubjects: boolean;
  readonly settings: StreamSettings;
  /** Options of a stream that exists elsewhere. They replace the settings and their defaults. */
  readonly described?: StreamEntries;
  readonly constant: string;
  readonly moduleClass: string;
  readonly streamFile: string;
  readonly moduleFile: string;
  /** True if the user chose the folder. */
  readonly isPlaced: boolean;
  readonly registersInModule: boolean;
}

/** @throws SchematicError (`INVALID_OPTION`) */
export function assertStreamName(name: string): void {
  if (name.includes('.')) throw invalidOption('name', name, 'looks like a subject. Pass a plain name, such as orders.');
  if (!/^[\p{L}\p{N}_-]+$/u.test(name))
    throw invalidOption('name', name, 'must be letters, digits, "-" and "_", such as orders.');
}

export function planStream(project: NestProject, options: StreamSchematicOptions): StreamPlan {
  const { name, folder } = splitName('name', options.name, options.path);
  assertStreamName(name);
  const file = fileName('name', name);
  const home = folderIn(project, posix.join(folder ?? '', options.flat === true ? '' : file));
  const subjects = parseSubjects(options.subjects);
  return {
    name,
    stream: constantCase(name),
    subjects: subjects.length === 0 ? [`${singular(file)}.>`] : subjects,
    hasDefaultSubjects: subjects.length === 0,
    settings: parseSettings(options),
    constant: `${pascalCase(name)}Stream`,
    moduleClass: `${pascalCase(name)}Module`,
    streamFile: posix.join(home, `${file}.stream.ts`),
    moduleFile: posix.join(home, `${file}.module.ts`),
    isPlaced: folder !== undefined,
    registersInModule: options.skipImport !== true,
  };
}

/**
 * Parses a list of subjects, or a text with commas between them.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export function parseSubjects(value: StreamSchematicOptions['subjects']): string[] {
  const list = (typeof value === 'string' ? value.split(',') : (value ?? [])).map((subject) => subject.trim());
  const twice = list.find((subject, index) => list.indexOf(subject) !== index);
  if (twice !== undefined) throw invalidOption('subjects', list.join(','), `has ${twice} twice.`);
  return list.map((subject) => streamSubject(subject));
}
