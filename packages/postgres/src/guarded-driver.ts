import {
  type CompiledQuery,
  type ControlConnectionProvider,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  SelectQueryNode,
  type TransactionSettings,
} from "kysely";
import { type Outcome, toDomainError } from "./failure.ts";

async function guarded<T>(outcome: Outcome, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw toDomainError(error, outcome);
  }
}

/** A connection whose failures are domain errors that say truthfully what is known about the data. */
class GuardedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  inTransaction = false;

  constructor(inner: DatabaseConnection) {
    this.inner = inner;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return guarded(this.#outcomeOf(query), () => this.inner.executeQuery<R>(query));
  }

  async *streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    try {
      yield* this.inner.streamQuery<R>(query, chunkSize);
    } catch (error) {
      throw toDomainError(error, this.#outcomeOf(query));
    }
  }

  async cancelQuery(provider: ControlConnectionProvider): Promise<void> {
    await this.inner.cancelQuery?.(provider);
  }

  async collectSessionInfo(): Promise<void> {
    await this.inner.collectSessionInfo?.();
  }

  async killSession(provider: ControlConnectionProvider): Promise<void> {
    await this.inner.killSession?.(provider);
  }

  /** A statement outside a transaction commits by itself, so only a plain SELECT is known to change nothing. */
  #outcomeOf(query: CompiledQuery): Outcome {
    return this.inTransaction || SelectQueryNode.is(query.query) ? "unchanged" : "unknown";
  }
}

/** Puts the failures of every query, transaction and connection attempt through `toDomainError`. */
export class GuardedDriver implements Driver {
  readonly #inner: Driver;
  readonly #connections = new WeakMap<DatabaseConnection, GuardedConnection>();

  constructor(inner: Driver) {
    this.#inner = inner;
  }

  init(): Promise<void> {
    return this.#inner.init();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const inner = await guarded("unchanged", () => this.#inner.acquireConnection());
    const known = this.#connections.get(inner);
    if (known !== undefined) return known;
    const connection = new GuardedConnection(inner);
    this.#connections.set(inner, connection);
    return connection;
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const guardedConnection = unwrap(connection);
    await guarded("unchanged", () => this.#inner.beginTransaction(guardedConnection.inner, settings));
    guardedConnection.inTransaction = true;
  }

  /** A connection lost here leaves the outcome unknown, and the error says so. */
  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const guardedConnection = unwrap(connection);
    await guarded("unknown", () => this.#inner.commitTransaction(guardedConnection.inner));
    guardedConnection.inTransaction = false;
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    const guardedConnection = unwrap(connection);
    guardedConnection.inTransaction = false;
    try {
      await this.#inner.rollbackTransaction(guardedConnection.inner);
    } catch {
      // The inner driver has marked the connection for closing, which rolls back too. Throwing would hide
      // the error that led here.
    }
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    const guardedConnection = unwrap(connection);
    guardedConnection.inTransaction = false;
    await this.#inner.releaseConnection(guardedConnection.inner);
  }

  destroy(): Promise<void> {
    return this.#inner.destroy();
  }
}

function unwrap(connection: DatabaseConnection): GuardedConnection {
  if (connection instanceof GuardedConnection) return connection;
  throw new Error("A connection of another driver was passed to GuardedDriver");
}
