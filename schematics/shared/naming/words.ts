/**
 * Returns the words of a name in any case. `order.created`, `OrderCreated` and `order_created` all
 * have two.
 */
export function words(name: string): string[] {
  return (
    name
      .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
      .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
      // \p{N} would include superscript digits, which identifiers cannot contain.
      .split(/[^\p{L}\p{Nd}]+/u)
      .filter((word) => word !== '')
  );
}

/** `order-created`, for file names and durables. */
export function kebabCase(name: string): string {
  return words(name).join('-').toLowerCase();
}

/**
 * `OrderCreated`. A leading digit gets an underscore, because identifiers cannot start with a
 * digit.
 */
export function pascalCase(name: string): string {
  return legalStart(
    words(name)
      .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
      .join(''),
  );
}

/** `orderCreated`, for methods and schemas. */
export function camelCase(name: string): string {
  const pascal = pascalCase(name);
  return pascal.slice(0, 1).toLowerCase() + pascal.slice(1);
}

/** `ORDER_CREATED` */
export function constantCase(name: string): string {
  return legalStart(words(name).join('_').toUpperCase());
}

function legalStart(identifier: string): string {
  return /^\p{N}/u.test(identifier) ? `_${identifier}` : identifier;
}
