/** What can be wrong with a request before it is known what it asks for. Each product has its own answers. */
export type Fault =
  | "authorization_missing"
  | "authorization_unreadable"
  | "query_unreadable"
  | "body_unexpected"
  | "body_type_missing"
  | "body_type_unsupported"
  | "body_unparsable"
  | "body_too_large"
  | "body_too_slow"
  | "body_cut_off";

/** Thrown by what reads requests; the message is for who sent it, and repeats nothing of it. */
export class RequestFault extends Error {
  override readonly name = "RequestFault";
  readonly fault: Fault;

  constructor(fault: Fault, message: string) {
    super(message);
    this.fault = fault;
  }
}
