import { schemas as officialSchemas } from '@asyncapi/specs';
import { Ajv } from 'ajv';
import type { Document } from '../../../schematics/contract/json';
import { isRecord } from '../../../schematics/shared/edit/json-file';
import { SchemaModel } from '../../../schematics/contract/schema-model';

type Validate = ReturnType<InstanceType<typeof Ajv>['compile']>;

const VERSIONS = ['3.0.0', '3.1.0'] as const;
const validators = new Map<string, Validate>();

/** Returns the mistakes by the official schemas, and references that lead nowhere. */
export function mistakesIn(document: Document): string[] {
  return [...structureMistakes(document), ...VERSIONS.flatMap((version) => officialMistakes(version, document))];
}

function officialMistakes(version: (typeof VERSIONS)[number], document: Document): string[] {
  const validate = validatorOf(version);
  if (validate({ ...document, asyncapi: version })) return [];
  return (validate.errors ?? []).map((error) => `${version}: ${JSON.stringify(error)}`);
}

function validatorOf(version: (typeof VERSIONS)[number]): Validate {
  const known = validators.get(version);
  if (known) return known;
  const schema = structuredClone(officialSchemas[version]) as { definitions: Record<string, unknown> };
  // ajv has them already, and refuses a second one.
  delete schema.definitions['http://json-schema.org/draft-07/schema'];
  delete schema.definitions['http://json-schema.org/draft-04/schema'];
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
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
