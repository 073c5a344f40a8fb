import type { ProjectOptions } from '../shared/project/nest-project';

export interface MigrateOptions extends ProjectOptions {
  readonly skipInstall?: boolean;
  /** Set by `nest g` only. It always passes a source root. */
  readonly language?: string;
}
