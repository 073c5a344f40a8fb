import type { Logger } from '@nestjs/common';
import type { BaseRpcContext } from '@nestjs/microservices';
import { failureText } from '../errors/failure-text';
import { sentence } from '../errors/sentence';

/** Nest's hooks that enclose the processing of each message, as the user set them on the server. */
export interface HooksOfServer {
  readonly areSet: () => boolean;
  readonly start: (context: BaseRpcContext, done: () => Promise<void>) => unknown;
  readonly end: (context: BaseRpcContext) => unknown;
}

/** Runs work between the processing hooks of a server. */
export class ProcessingHooks {
  constructor(
    private readonly hooks: HooksOfServer,
    private readonly logger: Logger,
  ) {}

  get areSet(): boolean {
    return this.hooks.areSet();
  }

  /** Resolves to the result of `work`. A start hook that fails fails the work. */
  enclose<Result>(context: BaseRpcContext, work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const run = async (): Promise<void> => {
        try {
          resolve(await work());
        } catch (error) {
          reject(error);
        }
        this.end(context);
      };
      this.start(context, run, reject);
    });
  }

  private start(context: BaseRpcContext, run: () => Promise<void>, fail: (error: unknown) => void): void {
    try {
      const started = this.hooks.start(context, run);
      if (started instanceof Promise) started.catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  private end(context: BaseRpcContext): void {
    try {
      this.hooks.end(context);
    } catch (error) {
      this.logger.error(`The processing end hook failed: ${sentence(failureText(error))}`);
    }
  }
}
