import { eventClasses } from '../fields/class-members';
import type { ParsedField } from '../fields/parse-fields';
import { schemaProperties, type SchemaDialect } from '../fields/schema-expression';
import { render } from '../template/render';
import type { EventStyle, SchemaLibrary, Validators } from './event-style';
import type { CodeImport } from '../edit/add-import';

/** The type of a message body, which is an event, a request or a reply. */
export interface Contract {
  readonly name: string;
  /** Prefix of the classes for nested objects. */
  readonly prefix: string;
  /** Name of its schema. */
  readonly schema: string;
  readonly fields: readonly ParsedField[];
  /** Text of its doc comment. */
  readonly documentation?: string | undefined;
}

/** Source code of a contract, with the names that it declares and imports. */
export interface ContractCode {
  readonly text: string;
  readonly names: readonly string[];
  readonly imports: readonly CodeImport[];
}

const LIBRARIES: Readonly<Record<SchemaLibrary, { dialect: SchemaDialect; infer: string; import: CodeImport }>> = {
  zod: {
    dialect: { library: 'z', wrapsByMethod: true, choice: 'enum' },
    infer: 'infer',
    import: { name: 'z', specifier: 'zod' },
  },
  valibot: {
    dialect: { library: 'v', wrapsByMethod: false, choice: 'picklist' },
    infer: 'InferOutput',
    import: { name: 'v', specifier: 'valibot', namespace: true },
  },
};

export function contractCode(contract: Contract, style: EventStyle, validators: Validators): ContractCode {
  if (style === 'class') return classCode(contract, validators.classValidator);
  if (style === 'schema') return schemaCode(contract, validators.schemaLibrary ?? 'zod');
  const text = render('jetstream-event/interface.ts', { documentation: undefined, ...contract });
  return { text, names: [contract.name], imports: [] };
}

function classCode({ name, prefix, fields, documentation }: Contract, decorated: boolean): ContractCode {
  const { classes, decorators, needsType } = eventClasses(name, prefix, fields, decorated);
  const type = needsType ? [{ name: 'Type', specifier: 'class-transformer' }] : [];
  return {
    text: render('jetstream-event/class.ts', { event: name, classes, decorated, documentation }),
    names: classes.map((each) => each.name),
    imports: [...type, ...decorators.map((each) => ({ name: each, specifier: 'class-validator' }))],
  };
}

function schemaCode({ name, schema, fields, documentation }: Contract, library: SchemaLibrary): ContractCode {
  const { dialect, infer, import: imported } = LIBRARIES[library];
  const properties = schemaProperties(fields, dialect);
  return {
    text: render('jetstream-event/schema.ts', {
      name,
      schema,
      properties,
      library: dialect.library,
      infer,
      documentation,
    }),
    names: [schema, name],
    imports: [imported],
  };
}
