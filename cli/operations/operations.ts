import type { BoardResponse, PageRequest } from '@nest-jetstream/transport/board';
import type { OperationAnswer, OperationName, OptionsOf, ProgressOf } from '@nest-jetstream/transport/operations';

/** Request for a page of the board of a connection. */
export interface BoardPageRequest extends PageRequest {
  /** Name of the connection. Default: the default connection. */
  readonly connection: string | undefined;
}

/** Runs operations of the transport that the project has installed. */
export interface Operations {
  /** Runs an operation. `report` receives its progress, and `signal` stops it. */
  run<Name extends OperationName>(
    name: Name,
    options: OptionsOf<Name>,
    report?: (progress: ProgressOf<Name>) => void,
    signal?: AbortSignal,
  ): Promise<OperationAnswer<Name>>;
  /** Runs an operation, and prints its lines, or JSON. Use it for results that may be large. */
  print<Name extends OperationName>(name: Name, options: OptionsOf<Name>, output: { json?: boolean }): Promise<void>;
  /** Answers a request for a page of the board. */
  page(request: BoardPageRequest): Promise<BoardResponse>;
  /** Closes the connections. */
  close(): Promise<void>;
}
