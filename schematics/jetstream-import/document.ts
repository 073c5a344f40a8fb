import { posix } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { invalidOption, SchematicError } from '../shared/errors';
import type { Tree } from '../shared/source/tree';

/** An object of the document. */
export type Fields = Readonly<Record<string, unknown>>;

/** Limits the expansion of aliases, which could otherwise fill the memory. */
const MAX_ALIASES = 100;
const MAX_REFERENCES = 32;
/** Deeper documents can exhaust the stack of the YAML parser, which ends the process. */
const MAX_NESTING = 500;

/** An AsyncAPI 3 document with its local references. */
export class AsyncApiDocument {
  private constructor(
    readonly path: string,
    private readonly root: Fields,
  ) {}

  /**
   * Reads a document in YAML or JSON.
   * @throws SchematicError (`INVALID_OPTION`, `DOCUMENT_NOT_FOUND`, `OUTSIDE_PROJECT`,
   * `INVALID_DOCUMENT`)
   */
  static read(tree: Tree, file: string): AsyncApiDocument {
    if (/\p{Cc}/u.test(file)) throw invalidOption('file', file, 'has a control character. Remove it.');
    const path = posix.normalize(file.replaceAll('\\', '/'));
    if (posix.isAbsolute(path) || path.startsWith('..') || /^[a-z]+:/i.test(file)) {
      const message = `${file} is outside of this project. Copy the document into the project, and pass its relative path.`;
      throw new SchematicError('OUTSIDE_PROJECT', message, file);
    }
    if (!tree.exists(path)) {
      const message = `${file} does not exist. Pass the path of an AsyncAPI document, relative to package.json.`;
      throw new SchematicError('DOCUMENT_NOT_FOUND', message, file);
    }
    return new AsyncApiDocument(path, assertAsyncApi3(file, parsed(file, tree.readText(path))));
  }

  /**
   * Uses a document in memory, such as that of a stream.
   * @param name name for errors
   * @throws SchematicError (`INVALID_DOCUMENT`)
   */
  static of(name: string, root: unknown): AsyncApiDocument {
    return new AsyncApiDocument(name, assertAsyncApi3(name, root));
  }

  /** Returns the entries of an object below the root, with references followed. */
  entries(...path: string[]): [string, Fields][] {
    let fields: Fields = this.root;
    for (const key of path) fields = this.fieldsOf(own(fields, key)) ?? {};
    return Object.keys(fields).flatMap((key): [string, Fields][] => {
      const value = this.fieldsOf(own(fields, key));
      return value ? [[key, value]] : [];
    });
  }

  /** Returns an object with its reference followed. Undefined if the value is not an object. */
  fieldsOf(value: unknown): Fields | undefined {
    const target = this.follow(value);
    return isFields(target) ? target : undefined;
  }

  /**
   * Follows `$ref`.
   * @throws SchematicError (`INVALID_DOCUMENT`) for references to other documents, which are never
   * fetched
   */
  follow(value: unknown): unknown {
    let target = value;
    for (let depth = 0; isFields(target) && typeof own(target, '$ref') === 'string'; depth++) {
      if (depth > MAX_REFERENCES) throw this.invalid(`Reference ${String(own(target, '$ref'))} leads to itself.`);
      target = this.at(String(own(target, '$ref')));
    }
    return target;
  }

  invalid(problem: string): SchematicError {
    return new SchematicError('INVALID_DOCUMENT', `${this.path}: ${problem}`, this.path);
  }

  private at(reference: string): unknown {
    if (!reference.startsWith('#'))
      throw this.invalid(
        `Reference '${reference}' leads to another document. Bundle the documents first, with npx @asyncapi/cli bundle.`,
      );
    const keys = reference.slice(1).split('/').slice(1).map(unescaped);
    let target: unknown = this.root;
    for (const key of keys) target = isFields(target) || Array.isArray(target) ? own(target, key) : undefined;
    if (target === undefined) throw this.invalid(`Reference '${reference}' leads to nothing. Correct the document.`);
    return target;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns a property of the object itself, never of its prototype. */
export function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (Reflect.get(value, key) as unknown) : undefined;
}

function parsed(file: string, text: string): unknown {
  if (nestingOf(text) > MAX_NESTING) throw nestedTooDeeply(file);
  try {
    return parse(text, { maxAliasCount: MAX_ALIASES, logLevel: 'error' }) as unknown;
  } catch (error) {
    if (error instanceof YAMLParseError && error.code === 'RESOURCE_EXHAUSTION') throw nestedTooDeeply(file);
    const reason = error instanceof YAMLParseError ? (error.message.split('\n')[0] ?? '') : String(error);
    const message = `${file} is neither YAML nor JSON. The parser says "${reason.replace(/[:.]$/, '')}".`;
    throw new SchematicError('INVALID_DOCUMENT', message, file);
  }
}

/** Returns the depth of brackets. Brackets in texts count, too, but are seldom this unbalanced. */
function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth = bracket === '[' || bracket === '{' ? depth + 1 : Math.max(0, depth - 1);
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function nestedTooDeeply(file: string): SchematicError {
  const message = `${file} is nested too deeply. At most ${MAX_NESTING} levels are supported. Simplify the document.`;
  return new SchematicError('INVALID_DOCUMENT', message, file);
}

function assertAsyncApi3(file: string, root: unknown): Fields {
  const version = isFields(root) ? own(root, 'asyncapi') : undefined;
  if (!isFields(root) || typeof version !== 'string') {
    const message = `${file} is not an AsyncAPI document. It needs the field 'asyncapi', such as 3.0.0.`;
    throw new SchematicError('INVALID_DOCUMENT', message, file);
  }
  if (!version.startsWith('3.')) {
    const message = `${file} is of AsyncAPI ${version}, but only version 3 can be imported. Convert it with npx @asyncapi/cli convert.`;
    throw new SchematicError('INVALID_DOCUMENT', message, version);
  }
  return root;
}

function unescaped(token: string): string {
  const text = token.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
