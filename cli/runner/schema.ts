/** A property of a schematic's schema.json that the command line reads. */
export interface PropertySchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  /** Name of a value in the help: `<duration>`. */
  readonly title?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly items?: { readonly enum?: readonly string[] };
  readonly minimum?: number;
  readonly $default?: { readonly $source: string; readonly index?: number };
  /** Flag of the command line. Default: the name of the property. */
  readonly 'x-flag'?: string;
}

/** A schematic's schema.json, the only description of its options. */
export interface SchematicSchema {
  readonly properties: Readonly<Record<string, PropertySchema>>;
  /** Sets of options that the help of the command line shows as commands. */
  readonly examples?: readonly Readonly<Record<string, unknown>>[];
}

/** Returns the property that is passed without a flag. */
export function positionalOf({ properties }: SchematicSchema): string | undefined {
  return Object.keys(properties).find((name) => properties[name]?.$default?.$source === 'argv');
}

export function hasType({ type }: PropertySchema, wanted: string): boolean {
  return typeof type === 'string' ? type === wanted : (type?.includes(wanted) ?? false);
}
