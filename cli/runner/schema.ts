/** One property of a schematic's schema.json, as far as the command line reads it. */
export interface PropertySchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  /** What a value is called in help: `<duration>`. */
  readonly title?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly items?: { readonly enum?: readonly string[] };
  readonly minimum?: number;
  readonly $default?: { readonly $source: string; readonly index?: number };
  readonly 'x-prompt'?: string | PromptSchema;
}

export interface PromptSchema {
  readonly message: string;
  readonly type?: 'confirmation' | 'input' | 'list';
  readonly multiselect?: boolean;
  readonly items?: readonly (string | { readonly label: string; readonly value: unknown })[];
}

/** A schematic's schema.json: the one place where its options are described. */
export interface SchematicSchema {
  readonly properties: Readonly<Record<string, PropertySchema>>;
  readonly required?: readonly string[];
  /**
   * Sets of options that show what can be done; the command line's help writes them as commands.
   */
  readonly examples?: readonly Readonly<Record<string, unknown>>[];
}

/** The property that is typed without a flag. */
export function positionalOf({ properties }: SchematicSchema): string | undefined {
  return Object.keys(properties).find((name) => properties[name]?.$default?.$source === 'argv');
}

export function hasType({ type }: PropertySchema, wanted: string): boolean {
  return typeof type === 'string' ? type === wanted : (type?.includes(wanted) ?? false);
}
