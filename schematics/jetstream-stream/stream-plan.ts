import { posix } from 'node:path';
import { invalidOption } from '../shared/errors';
import { fileName } from '../shared/naming/file-name';
import { splitName } from '../shared/naming/name-option';
import { singular } from '../shared/naming/singular';
import { streamSubject } from '../shared/subject/subject';
import { constantCase, pascalCase } from '../shared/naming/words';
import type { NestProject } from '../shared/project/nest-project';
import { folderIn } from '../shared/project/paths';
import type { StreamSchematicOptions } from './options';
import { streamSettings, type StreamSetting } from './settings';

/** Everything about the stream to be made that follows from the options alone. */
export interface StreamPlan {
  readonly stream: string;
  readonly subjects: readonly string[];
  readonly settings: readonly StreamSetting[];
  readonly constant: string;
  readonly moduleClass: string;
  readonly streamFile: string;
  readonly moduleFile: string;
}

export function planStream(project: NestProject, options: StreamSchematicOptions): StreamPlan {
  const { name, folder } = splitName('name', options.name, options.path);
  if (name.includes('.'))
    throw invalidOption('name', name, 'looks like a subject: a stream has a plain name, e.g. orders.');
  if (!/^[\p{L}\p{N}_-]+$/u.test(name))
    throw invalidOption('name', name, 'must be letters, digits, "-" and "_", e.g. orders.');
  const file = fileName('name', name);
  const home = folderIn(project, posix.join(folder ?? '', options.flat === true ? '' : file));
  return {
    stream: constantCase(name),
    subjects: subjectsOf(options.subjects) ?? [`${singular(file)}.>`],
    settings: streamSettings(options),
    constant: `${pascalCase(name)}Stream`,
    moduleClass: `${pascalCase(name)}Module`,
    streamFile: posix.join(home, `${file}.stream.ts`),
    moduleFile: posix.join(home, `${file}.module.ts`),
  };
}

/** Subjects as they were given: a list, or text with commas between. */
export function listOfSubjects(value: StreamSchematicOptions['subjects']): string[] {
  return (typeof value === 'string' ? value.split(',') : (value ?? [])).map((subject) => subject.trim());
}

function subjectsOf(value: StreamSchematicOptions['subjects']): string[] | undefined {
  const list = listOfSubjects(value);
  const twice = list.find((subject, index) => list.indexOf(subject) !== index);
  if (twice !== undefined) throw invalidOption('subjects', list.join(','), `has ${twice} twice.`);
  return list.length === 0 ? undefined : list.map((subject) => streamSubject(subject));
}
