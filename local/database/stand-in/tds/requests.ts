import type { DataType, SqlValue } from '../sql/data-types.ts';
import { unsupported } from '../sql-error.ts';
import { ByteReader } from './byte-reader.ts';
import { readTypedValue } from './values.ts';

/** Skips ALL_HEADERS, MS-TDS 2.2.5.3, which do not affect this server. */
function skipHeaders(reader: ByteReader): void {
  const length = reader.u32();
  reader.bytes(length - 4);
}

/** The text of an SQL batch, MS-TDS 2.2.6.7. */
export function parseBatch(payload: Buffer): string {
  const reader = new ByteReader(payload);
  skipHeaders(reader);
  return reader.rest().toString('utf16le');
}

/** A parameter of a remote procedure call. */
export interface Parameter {
  /** With its `@`; empty for a parameter by position. */
  readonly name: string;
  readonly output: boolean;
  readonly type: DataType;
  readonly value: SqlValue;
}

/** One call of an RPC message, MS-TDS 2.2.6.6; `procedure` is in lower case, system procedures have their names. */
export interface ProcedureCall {
  readonly procedure: string;
  readonly parameters: readonly Parameter[];
}

/** The calls of a message, which 0x80 or 0xFF separates. An unknown system procedure is called `number <id>`. */
export function parseProcedureCalls(payload: Buffer): ProcedureCall[] {
  const reader = new ByteReader(payload);
  skipHeaders(reader);
  const calls: ProcedureCall[] = [];
  while (reader.remaining > 0) {
    const nameLength = reader.u16();
    const id = nameLength === 0xffff ? reader.u16() : undefined;
    const procedure =
      id === undefined ? reader.utf16(nameLength) : id === 10 ? 'sp_executesql' : `number ${id}`;
    reader.u16();
    const parameters: Parameter[] = [];
    while (reader.remaining > 0 && !isSeparator(reader.peekU8())) {
      const name = reader.shortText();
      const status = reader.u8();
      parameters.push({ name, output: (status & 1) !== 0, ...readTypedValue(reader) });
    }
    if (reader.remaining > 0) reader.u8();
    calls.push({
      procedure: procedure.toLowerCase().replace(/^(?:\[?\w*\]?\.)*\[?(\w+)\]?$/, '$1'),
      parameters,
    });
  }
  return calls;
}

// A parameter starts with the length of its name, which is at most 128.
const isSeparator = (byte: number | undefined) => byte === 0x80 || byte === 0xff || byte === 0xfe;

export type TransactionRequest = 'begin' | 'commit' | 'rollback';

/** Parses a transaction manager request, MS-TDS 2.2.6.9; names and isolation levels have no effect here. */
export function parseTransactionRequest(payload: Buffer): TransactionRequest {
  const reader = new ByteReader(payload);
  skipHeaders(reader);
  const kind = reader.u16();
  const request = ({ 5: 'begin', 7: 'commit', 8: 'rollback' } as const)[kind];
  if (request) return request;
  throw unsupported(kind === 9 ? 'A savepoint' : `The transaction manager request ${kind}`);
}
