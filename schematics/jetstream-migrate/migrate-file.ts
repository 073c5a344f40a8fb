import { parseText } from '../shared/source/parse';
import { addOptions } from './add-options';
import type { MigratedFile } from './migrated-file';
import { importPasses, neededNames, rewriteImports, rewriteUses } from './rewrite-names';
import { rewriteNatsImports, rewriteNatsNames } from './rewrite-nats';
import { rewriteOptions } from './rewrite-options';
import { rewriteRecords } from './rewrite-records';
import { rewriteRequests } from './rewrite-requests';
import { removeProvidedClient, reportRegistrations, reportShutdown } from './rewrite-wiring';

/** Service that a file belongs to. */
export interface FileOwner {
  /** Undefined in a library. */
  readonly id: string | undefined;
  /** True for the file with the registration that the service keeps. */
  readonly isRegistering: boolean;
}

/** Rewrites one file. The imports come last, because the other passes find the plugin by them. */
export function migrateFile(file: MigratedFile, { id, isRegistering }: FileOwner): void {
  const needed = neededNames(parseText(file.path, file.text));
  file.apply((source) => reportRegistrations(source, isRegistering));
  file.apply(reportShutdown);
  file.apply(removeProvidedClient);
  file.apply((source) => rewriteOptions(source, id));
  file.apply((source) => addOptions(source, id));
  file.apply(rewriteRecords);
  file.apply(rewriteRequests);
  file.apply(rewriteNatsNames);
  file.apply(rewriteUses);
  file.apply(rewriteImports);
  for (const pass of importPasses(needed)) file.apply(pass);
  file.apply(rewriteNatsImports);
}
