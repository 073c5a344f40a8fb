/** What `nest add` hands over, with flags of other tools among it. */
export interface NestAddOptions {
  readonly project?: string;
  readonly sourceRoot?: string;
  readonly skipInstall?: boolean;
  /** `-s` behind a long flag arrives under its letter. */
  readonly s?: boolean;
}
