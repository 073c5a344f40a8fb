import type { OperationAnswer, OperationName, OptionsOf, ProgressOf } from '@nest-jetstream/transport/operations';

/** Runs operations of the transport that the project has installed. */
export interface Operations {
  /** Runs an operation. `report` receives its progress, and `signal` stops it. */
  run<Name extends OperationName>(
    name: Name,
    options: OptionsOf<Name>,
    report?: (progress: ProgressOf<Name>) => void,
    signal?: AbortSignal,
  ): Promise<OperationAnswer<Name>>;
  /** Closes the connections. */
  close(): Promise<void>;
}
