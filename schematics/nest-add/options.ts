/** Options from `nest add`, which also passes flags of other tools. */
export interface NestAddOptions {
  readonly project?: string;
  readonly sourceRoot?: string;
  /** Servers to connect to. Default: NATS_URL. */
  readonly servers?: string | readonly string[];
  /**
   * Name of the service, with which its durables start. Default: name of the project or the
   * package.
   */
  readonly name?: string | number;
  /** File of the module to register in. Default: the root module. */
  readonly module?: string;
  readonly skipMain?: boolean;
  readonly skipCompose?: boolean;
  readonly skipInstall?: boolean;
  /** `-s` after a long flag arrives under its letter. */
  readonly s?: boolean;
  /** Set by the task that runs after the installation. Users do not pass it. */
  readonly verifiesInstall?: boolean;
}
