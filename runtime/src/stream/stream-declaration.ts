import type { LossyStreamField } from './lossy-fields';
import type { DesiredStream } from './stream-config';

/** A stream that this service declares: what to ask the server for, and which of its messages may be lost over a change. */
export interface StreamDeclaration {
  readonly config: DesiredStream;
  /** Fields that may change although that drops messages. */
  readonly allowDataLoss: readonly LossyStreamField[];
}
