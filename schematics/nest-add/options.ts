/** What `nest add` hands over, with flags of other tools among it. */
export interface NestAddOptions {
  readonly project?: string;
  readonly sourceRoot?: string;
  /** Servers to connect to. Default: those of NATS_URL. */
  readonly servers?: string | readonly string[];
  /**
   * Name of the service, with which its durables begin. Default: the project's, else the package's.
   */
  readonly name?: string | number;
  /** File of the module to register in. Default: the root module. */
  readonly module?: string;
  readonly skipMain?: boolean;
  readonly skipCompose?: boolean;
  readonly skipInstall?: boolean;
  /** `-s` behind a long flag arrives under its letter. */
  readonly s?: boolean;
}
