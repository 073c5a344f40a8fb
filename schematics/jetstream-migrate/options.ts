import type { ProjectOptions } from '../shared/project/nest-project';

export interface MigrateOptions extends ProjectOptions {
  readonly skipInstall?: boolean;
  /** Set by `nest g` only, which also passes a source root that the user did not choose. */
  readonly language?: string;
}
