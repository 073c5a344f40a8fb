import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Document } from '../../../schematics/contract/json';
import { isRecord } from '../../../schematics/shared/edit/json-file';
import { SchemaModel } from '../../../schematics/contract/schema-model';
import { ROOT } from './contract-project';

type Validate = ((document: unknown) => boolean) & { readonly errors?: readonly object[] | null };

/** The official JSON Schemas of AsyncAPI, if `@asyncapi/specs` and `ajv` are installed. */
const VERSIONS = ['3.0.0', '3.1.0'] as const;
const requireFromRoot = createRequire(join(ROOT, 'package.json'));
const officialSchemas = loaded<{ schemas: Record<string, { definitions: Record<string, unknown> }> }>(
  '@asyncapi/specs',
);
const ajvPackage = loaded<{ default: new (options: object) => { compile(schema: object): Validate } }>('ajv');
const validators = new Map<string, Validate>();

/** Returns the mistakes by the official schemas, and references that lead nowhere. */
export function mistakesIn(document: Document): string[] {
  return [...structureMistakes(document), ...VERSIONS.flatMap((version) => officialMistakes(version, document))];
}

function officialMistakes(version: (typeof VERSIONS)[number], document: Document): string[] {
  const validate = validatorOf(version);
  if (!validate || validate({ ...document, asyncapi: version })) return [];
  return (validate.errors ?? []).map((error) => `${version}: ${JSON.stringify(error)}`);
}

function validatorOf(version: string): Validate | undefined {
  const known = validators.get(version);
  const schema = officialSchemas?.schemas[version];
  if (known || !schema || !ajvPackage) return known;
  const copy = structuredClone(schema);
  // ajv has them already, and refuses a second one.
  delete copy.definitions['http://json-schema.org/draft-07/schema'];
  delete copy.definitions['http://json-schema.org/draft-04/schema'];
  const validate = new ajvPackage.default({ strict: false, allErrors: true, validateFormats: false }).compile(copy);
  validators.set(version, validate);
  return validate;
}

const TOP_LEVEL = new Set([
  'asyncapi',
  'info',
  'defaultContentType',
  'servers',
  'channels',
  'operations',
  'components',
]);

function structureMistakes(document: Document): string[] {
  const model = new SchemaModel(document);
  const unknown = Object.keys(document).filter((key) => !TOP_LEVEL.has(key) && !key.startsWith('x-'));
  const { components } = document;
  const schemas = isRecord(components) && isRecord(components['schemas']) ? Object.keys(components['schemas']) : [];
  return [
    ...unknown.map((key) => `unknown key ${key}`),
    ...schemas.filter((name) => !/^[\w.-]+$/.test(name)).map((name) => `illegal name ${name}`),
    ...referencesIn(document)
      .filter((reference) => model.at(reference) === undefined)
      .map((reference) => `${reference} leads nowhere`),
  ];
}

function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = '$ref' in value && typeof value.$ref === 'string' ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap(referencesIn)];
}

function loaded<Module>(name: string): Module | undefined {
  try {
    return requireFromRoot(name) as Module;
  } catch {
    return undefined;
  }
}
