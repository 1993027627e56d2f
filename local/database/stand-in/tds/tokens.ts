import type { SqlValue } from '../sql/data-types.ts';
import type { Column } from '../sql/result-sink.ts';
import type { SqlError } from '../sql-error.ts';
import { ByteWriter } from './byte-writer.ts';
import { collation, writeTypeInfo, writeValue } from './values.ts';

/** The tokens of the server's answers, MS-TDS 2.2.7. */

/** Bits of a DONE token's status, MS-TDS 2.2.7.6. */
export const doneStatus = { final: 0x00, more: 0x01, error: 0x02, count: 0x10, attention: 0x20 } as const;

export const doneToken = { done: 0xfd, doneProc: 0xfe, doneInProc: 0xff } as const;

/** Types of ENVCHANGE, MS-TDS 2.2.7.9. */
const textChanges = { database: 1, language: 2, packetSize: 4 } as const;
const transactionChanges = { begin: 8, commit: 9, rollback: 10 } as const;
const change = { collation: 7, reset: 18, routing: 20 } as const;

const body = () => new ByteWriter();

/** Writes a token with its two-byte length, which is known only after the body is written. */
function sized(writer: ByteWriter, token: number, content: ByteWriter): void {
  const bytes = content.take();
  writer.u8(token).u16(bytes.length).bytes(bytes);
}

const writeChange = (writer: ByteWriter, content: ByteWriter) => sized(writer, 0xe3, content);

export type Version = readonly [major: number, minor: number, build: number];

export function writeLoginAck(writer: ByteWriter, tdsVersion: number, [major, minor, build]: Version): void {
  const name = body().u8(1).u32be(tdsVersion).shortText('Microsoft SQL Server');
  sized(
    writer,
    0xad,
    name
      .u8(major)
      .u8(minor)
      .u8(build >> 8)
      .u8(build),
  );
}

export function writeUtf8Support(writer: ByteWriter): void {
  writer.u8(0xae).u8(0x0a).u32(1).u8(1).u8(0xff);
}

/** Writes an SSPI token with GSSAPI's output, MS-TDS 2.2.7.22. */
export function writeSspi(writer: ByteWriter, token: Buffer): void {
  sized(writer, 0xed, body().bytes(token));
}

export function writeTextChange(
  writer: ByteWriter,
  kind: keyof typeof textChanges,
  now: string,
  before = '',
): void {
  writeChange(writer, body().u8(textChanges[kind]).shortText(now).shortText(before));
}

export function writeCollationChange(writer: ByteWriter): void {
  writeChange(writer, body().u8(change.collation).u8(5).bytes(collation).u8(0));
}

export function writeResetChange(writer: ByteWriter): void {
  writeChange(writer, body().u8(change.reset).u16(0));
}

/** A started transaction is identified by its new descriptor, an ended one by its old one. */
export function writeTransactionChange(
  writer: ByteWriter,
  kind: keyof typeof transactionChanges,
  descriptor: bigint,
): void {
  const content = body().u8(transactionChanges[kind]);
  writeChange(
    writer,
    kind === 'begin' ? content.u8(8).u64(descriptor).u8(0) : content.u8(0).u8(8).u64(descriptor),
  );
}

export function writeRoutingChange(writer: ByteWriter, server: string, port: number): void {
  const route = body().u8(0).u16(port).longText(server).take();
  writeChange(writer, body().u8(change.routing).u16(route.length).bytes(route).u16(0));
}

/** INFO for severities up to 10, ERROR above; texts that are too long for the token are truncated. */
export function writeMessage(writer: ByteWriter, error: SqlError, serverName: string): void {
  const { number, state, severity, message, line } = error;
  const content = body().u32(number).u8(state).u8(severity).longText(message.slice(0, 4000));
  sized(writer, severity <= 10 ? 0xab : 0xaa, content.shortText(serverName).shortText('').u32(line));
}

export function writeColumns(writer: ByteWriter, columns: readonly Column[]): void {
  writer.u8(0x81).u16(columns.length);
  for (const { name, type, nullable = true, identity = false } of columns) {
    writer.u32(0).u16((nullable ? 0x01 : 0) | (identity ? 0x10 : 0x08));
    writeTypeInfo(writer, type);
    writer.shortText(name);
  }
}

export function writeRow(writer: ByteWriter, columns: readonly Column[], values: readonly SqlValue[]): void {
  writer.u8(0xd1);
  for (const [index, { type }] of columns.entries()) writeValue(writer, type, values[index] ?? null);
}

export function writeReturnStatus(writer: ByteWriter, value: number): void {
  writer.u8(0x79).u32(value);
}

export function writeDone(writer: ByteWriter, token: number, status: number, rows = 0): void {
  writer.u8(token).u16(status).u16(0).u64(BigInt(rows));
}
