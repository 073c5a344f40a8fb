import { parse } from 'yaml';
import type { Document } from '../../../schematics/contract/json';
import { mistakesIn } from '../../schematics/support/asyncapi';
import { partOf } from '../../schematics/support/contract-project';
import type { NestProject } from '../../support/nest-project';

const GIT = ['git', '-c', 'user.name=shop', '-c', 'user.email=shop@example.com'];

/** Writes the document of a project, validates it by the official schemas, and returns it. */
export async function writeContract(
  project: NestProject,
  file = 'asyncapi.yaml',
  ...flags: string[]
): Promise<Document> {
  expect(await contract(project, ...flags)).toContain(`CREATE ${file}`);
  const document = parse(await project.read(file)) as Document;
  expect(mistakesIn(document)).toEqual([]);
  return document;
}

/** Commits a written document, and compares the project with it. */
export async function compareContract(project: NestProject, file = 'asyncapi.yaml', ...flags: string[]): Promise<void> {
  await project.run('git', 'init', '--quiet');
  await project.run('git', 'add', file);
  await run(project, [...GIT, 'commit', '--quiet', '--message=contract']);
  expect(await contract(project, '--check', ...flags)).toContain(`${file} is up to date.`);
  expect(await contract(project, 'check', '--against', 'git:HEAD', ...flags)).toContain('No breaking changes.');
}

/** Returns the schema of a channel's only message, with its references followed. */
export function payloadOf(document: Document, channel: string): unknown {
  const messages = Object.values(partOf(document, 'channels', channel, 'messages') ?? {}) as { payload: unknown }[];
  expect(messages).toHaveLength(1);
  return followed(messages[0]?.payload);

  function followed(schema: unknown): unknown {
    if (typeof schema !== 'object' || schema === null) return schema;
    if ('$ref' in schema) return followed(partOf(document, ...String(schema.$ref).slice(2).split('/')));
    if (Array.isArray(schema)) return schema.map(followed);
    return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, followed(value)]));
  }
}

async function contract(project: NestProject, ...args: string[]): Promise<string> {
  return run(project, ['npx', '--no', '--', 'nest-jetstream', 'contract', ...args]);
}

async function run(project: NestProject, [command = '', ...args]: readonly string[]): Promise<string> {
  return project.run(command, ...args);
}
