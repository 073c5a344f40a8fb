import { Inject, Logger, Module, type DynamicModule, type BeforeApplicationShutdown } from '@nestjs/common';
import { NotRegisteredError } from '../errors/registration.errors';
import type { NatsJetStreamHealth } from '../health/nats-jetstream.health';
import { registrationToken, type Registration } from '../module/registration';
import { getJetStreamHealthToken } from '../module/tokens';
import { Board } from './board';
import { checkedBoardOptions, type JetStreamBoardOptions } from './board-options';
import { createBoardController } from './board.controller';

const BOARD = Symbol('nest-jetstream:board');

/**
 * Nest module for the board: pages for the streams, consumers and dead letters of a connection. It
 * serves HTTP with a controller of the application.
 */
@Module({})
export class JetStreamBoard implements BeforeApplicationShutdown {
  constructor(@Inject(BOARD) private readonly board: Board) {}

  /**
   * Adds the board. Import it in the root module, beside `NatsJetStreamTransport.register`.
   * @throws BoardUnguardedError (`BOARD_UNGUARDED`) without `guards` and `open`, InvalidOptionError
   * (`INVALID_OPTION`)
   */
  static forRoot(options: JetStreamBoardOptions): DynamicModule {
    const checked = checkedBoardOptions(options);
    const { imports, connection, open, path, actions, bodies } = checked;
    return {
      module: JetStreamBoard,
      imports: [...imports],
      controllers: [createBoardController(BOARD, checked)],
      providers: [
        {
          provide: BOARD,
          inject: [
            { token: registrationToken(connection), optional: true },
            { token: getJetStreamHealthToken(connection), optional: true },
          ],
          useFactory: (registration?: Registration, health?: NatsJetStreamHealth) => {
            if (!registration) throw new NotRegisteredError(connection);
            const logger = new Logger('JetStreamBoard');
            if (open !== undefined) logger.warn(`The board at '${path}' has no guards of its own, because '${open}'.`);
            return new Board(registration.session, { actions, bodies }, health && (() => health.check()));
          },
        },
      ],
    };
  }

  /** Cancels actions that are running, while the connection is still open. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.board.stop();
  }
}
