/** Pages for the streams, consumers and dead letters of a connection. */
export { JetStreamBoard } from './board.module';
export type { JetStreamBoardOptions } from './board-options';
export { BoardUnguardedError } from '../errors/board.errors';
export { boardPage, type PageRequest } from './answer-page';
export type { BoardResponse } from './answer';
