import type { JsonSchema } from './json-schema';

/** A message of a subject, or its reply. */
interface Message {
  readonly name: string;
  readonly schema: JsonSchema;
}

/**
 * Numbers the names that several types have, such as those of two files. Tools such as EventCatalog
 * identify a message by its name.
 * @param subjects in the order of the document
 */
export function withUniqueNames<Subject extends Message & { readonly reply?: Message }>(
  subjects: readonly Subject[],
): Subject[] {
  const names = new MessageNames(subjects.flatMap(({ name, reply }) => (reply ? [name, reply.name] : [name])));
  return subjects.map((subject) => ({
    ...subject,
    name: names.of(subject),
    ...(subject.reply && { reply: { ...subject.reply, name: names.of(subject.reply) } }),
  }));
}

class MessageNames {
  private readonly taken: Set<string>;
  private readonly byName = new Map<string, Map<string, string>>();

  constructor(wanted: readonly string[]) {
    this.taken = new Set(wanted);
  }

  of({ name, schema }: Message): string {
    const bySchema = this.byName.get(name) ?? new Map<string, string>();
    this.byName.set(name, bySchema);
    const text = JSON.stringify(schema);
    const known = bySchema.get(text);
    if (known !== undefined) return known;
    let unique = name;
    for (let number = 2; bySchema.size > 0 && this.taken.has(unique); number += 1) unique = `${name}${number}`;
    this.taken.add(unique);
    bySchema.set(text, unique);
    return unique;
  }
}
