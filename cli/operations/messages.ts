/**
 * Environment variable of a process that reads an application without starting it. Its value is a
 * {@link ProcessOptions} in JSON.
 */
export const READS_APPLICATION = 'NEST_JETSTREAM_OPERATION';

/** Operation of {@link OperationRequest} that the subpath of the board provides. */
export const BOARD_PAGE = 'boardPage';

export interface ProcessOptions {
  readonly timeoutMs?: number;
}

/** Message to the process with the application. */
export interface OperationRequest {
  readonly id: number;
  readonly operation: string;
  readonly options: unknown;
  /** Sends this output in pieces, as progress, and no answer. */
  readonly output?: 'json' | 'text' | undefined;
}

/** Message to the process with the application: stops an operation at its next safe point. */
export interface StopRequest {
  readonly id: number;
  readonly stop: true;
}

export interface ProcessFailure {
  readonly code: string;
  readonly message: string;
}

/** Message of the process with the application. An error without `id` ends the process. */
export type ProcessMessage =
  | { readonly ready: true }
  | { readonly error: ProcessFailure; readonly id?: number }
  | { readonly id: number; readonly progress: unknown }
  | { readonly id: number; readonly answer: unknown };
