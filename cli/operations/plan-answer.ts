import type { ConnectionPlan } from '@nest-jetstream/transport/operations';

/** Environment variable of a process that reads an application without connecting its transport. */
export const READS_APPLICATION = 'NEST_JETSTREAM_PLAN';

/** Message of the process with the application. */
export type PlanAnswer =
  | { readonly connections: readonly ConnectionPlan[]; readonly text: readonly string[] }
  | { readonly error: { readonly code: string; readonly message: string } };
