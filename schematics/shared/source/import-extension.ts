/** The extension of relative imports in a project. */
export type ImportExtension = '' | '.js' | '.ts';

/** Adds the project's extension to the specifier of a file. Packages and aliases have none. */
export function withExtension(specifier: string, extension: ImportExtension): string {
  return specifier.startsWith('.') ? specifier + extension : specifier;
}
