export type EmbeddedPostgresErrorCode =
  /** There is no Postgres for this machine in node_modules, or it can't run here. */
  | "binary_missing"
  | "folder_not_writable"
  /** We run as root, Postgres may not, and nobody else can enter the folder. */
  | "folder_not_reachable"
  | "broken_data_folder"
  | "disk_full"
  | "port_in_use"
  /** An earlier server on this folder can't be stopped. */
  | "already_running"
  | "start_failed";

/** Why the embedded Postgres didn't start; the message says what to do next. */
export class EmbeddedPostgresError extends Error {
  override readonly name = "EmbeddedPostgresError";
  readonly code: EmbeddedPostgresErrorCode;

  constructor(code: EmbeddedPostgresErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
