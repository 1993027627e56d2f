import * as asn1js from 'asn1js';

/** Any value of ASN.1. */
export type Block = asn1js.BaseBlock;

const APPLICATION = 2;
const CONTEXT = 3;

/** `{ 1: a, 3: b }` → SEQUENCE { [1] a, [3] b }; RFC 4120 tags every field explicitly. */
export function fields(values: Readonly<Record<number, Block>>): asn1js.Sequence {
  const value = Object.entries(values).map(([tag, block]) => tagged(CONTEXT, Number(tag), block));
  return new asn1js.Sequence({ value });
}

export function application(tagNumber: number, block: Block): Block {
  return tagged(APPLICATION, tagNumber, block);
}

export function sequenceOf(value: Block[]): asn1js.Sequence {
  return new asn1js.Sequence({ value });
}

export function integer(value: number): asn1js.Integer {
  return new asn1js.Integer({ value });
}

export function octets(value: Uint8Array): asn1js.OctetString {
  return new asn1js.OctetString({ valueHex: new Uint8Array(value) });
}

/** KDCOptions and its like: 32 bits. */
export function bits(value: Uint8Array): asn1js.BitString {
  return new asn1js.BitString({ valueHex: new Uint8Array(value) });
}

export function text(value: string): asn1js.GeneralString {
  return new asn1js.GeneralString({ value });
}

/** KerberosTime: seconds in UTC. */
export function time(value: Date): asn1js.GeneralizedTime {
  return new asn1js.GeneralizedTime({ valueDate: new Date(Math.floor(value.getTime() / 1000) * 1000) });
}

export function encode(block: Block): Buffer {
  return Buffer.from(block.toBER());
}

/** A decoded message: its application tag, if it has one, and its fields by context tag. */
export interface Decoded {
  readonly application: number | undefined;
  field(tag: number): Block | undefined;
}

/** @throws Error when the octets are no DER */
export function decode(input: Uint8Array): Decoded {
  const { result, offset } = asn1js.fromBER(new Uint8Array(input));
  if (offset === -1) throw new Error('The answer is not DER.');
  const isApplication = result.idBlock.tagClass === APPLICATION;
  const body = isApplication ? children(result)[0] : result;
  const found = children(body);
  return {
    application: isApplication ? result.idBlock.tagNumber : undefined,
    field: (tag) =>
      children(found.find(({ idBlock }) => idBlock.tagClass === CONTEXT && idBlock.tagNumber === tag))[0],
  };
}

function children(block: Block | undefined): Block[] {
  const value: unknown = (block as { valueBlock?: { value?: unknown } } | undefined)?.valueBlock?.value;
  return Array.isArray(value) ? value : [];
}

export function toNumber(block: Block | undefined): number | undefined {
  return block instanceof asn1js.Integer ? Number(block.toBigInt()) : undefined;
}

export function toOctets(block: Block | undefined): Buffer | undefined {
  return block instanceof asn1js.OctetString ? Buffer.from(block.valueBlock.valueHexView) : undefined;
}

/** KerberosString; Windows puts UTF-8 into it. */
export function toText(block: Block | undefined): string | undefined {
  return block instanceof asn1js.GeneralString
    ? Buffer.from(block.valueBlock.valueHexView).toString()
    : undefined;
}

export function toTime(block: Block | undefined): Date | undefined {
  return block instanceof asn1js.GeneralizedTime ? block.toDate() : undefined;
}

/** The members of an encoded SEQUENCE OF. */
export function sequence(input: Buffer): Block[] {
  const { result, offset } = asn1js.fromBER(new Uint8Array(input));
  return offset === -1 ? [] : children(result);
}

/** The fields of a block inside a message. */
export function inside(block: Block): Decoded {
  return decode(encode(block));
}

function tagged(tagClass: number, tagNumber: number, block: Block): Block {
  return new asn1js.Constructed({ idBlock: { tagClass, tagNumber }, value: [block] });
}
