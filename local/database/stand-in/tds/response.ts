import type { SqlValue } from '../sql/data-types.ts';
import type { Column, ResultSink, TransactionEvent } from '../sql/result-sink.ts';
import type { SqlError } from '../sql-error.ts';
import { ByteWriter } from './byte-writer.ts';
import type { MessageChannel } from './message-channel.ts';
import {
  doneStatus,
  doneToken,
  writeColumns,
  writeDone,
  writeMessage,
  writeResetChange,
  writeReturnStatus,
  writeRow,
  writeTextChange,
  writeTransactionChange,
} from './tokens.ts';

/** Send after this many bytes, so that a large result needs little memory. */
const flushAt = 64 * 1024;

/** The answer to one request: encodes the engine's results as the tokens of a TDS message. */
export class Response implements ResultSink {
  readonly #channel: MessageChannel;
  readonly #serverName: string;
  readonly #procedure: boolean;
  readonly #writer = new ByteWriter();
  #columns: readonly Column[] = [];
  /** The last DONE token, held back until it is known whether more follows. */
  #held: { status: number; rows: number } | undefined;
  #failed = false;

  constructor(channel: MessageChannel, serverName: string, { procedure = false } = {}) {
    this.#channel = channel;
    this.#serverName = serverName;
    this.#procedure = procedure;
  }

  #release(): ByteWriter {
    if (this.#held) {
      const token = this.#procedure ? doneToken.doneInProc : doneToken.done;
      writeDone(this.#writer, token, this.#held.status | doneStatus.more, this.#held.rows);
      this.#held = undefined;
    }
    return this.#writer;
  }

  columns(columns: readonly Column[]): void {
    this.#columns = columns;
    writeColumns(this.#release(), columns);
  }

  row(values: readonly SqlValue[]): void {
    writeRow(this.#writer, this.#columns, values);
  }

  done(rows?: number): void {
    this.#release();
    this.#held = { status: rows === undefined ? doneStatus.final : doneStatus.count, rows: rows ?? 0 };
  }

  message(message: SqlError): void {
    writeMessage(this.#release(), message, this.#serverName);
    if (message.severity <= 10) return;
    this.#failed = true;
    this.#held = { status: doneStatus.error, rows: 0 };
  }

  databaseChanged(now: string, before: string): void {
    writeTextChange(this.#release(), 'database', now, before);
  }

  transactionChanged(event: TransactionEvent, descriptor: bigint): void {
    writeTransactionChange(this.#release(), event, descriptor);
  }

  connectionReset(): void {
    writeResetChange(this.#release());
  }

  returnStatus(value: number): void {
    writeReturnStatus(this.#release(), value);
  }

  async drained(): Promise<void> {
    if (this.#writer.length >= flushAt) await this.#channel.send(this.#writer.take(), { last: false });
  }

  /** Ends the message. A batch has at least one DONE, a procedure call ends with DONEPROC. */
  async end({ attention = false } = {}): Promise<void> {
    if (this.#procedure) {
      this.#release();
      writeDone(this.#writer, doneToken.doneProc, this.#failed ? doneStatus.error : doneStatus.final);
    } else {
      const { status, rows } = this.#held ?? { status: doneStatus.final, rows: 0 };
      writeDone(this.#writer, doneToken.done, status | (attention ? doneStatus.attention : 0), rows);
    }
    this.#held = undefined;
    await this.#channel.send(this.#writer.take());
  }
}
