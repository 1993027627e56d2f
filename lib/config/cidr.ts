import type * as z from 'zod';
import { text } from './fields.ts';
import { octet, resourceNumber } from './forms.ts';

const form = new RegExp(`^(${octet}\\.){3}${octet}/(3[0-2]|[12]?\\d)$`);

/** An IPv4 range in CIDR notation. */
export const cidr = text(form, 'an IPv4 range such as "10.0.0.0/8"');

/** A range written by its first address. EC2 normalises all others, and then rejects two that have become equal. */
export const canonicalCidr = cidr.superRefine(tellFirstAddress);

/** A range of an existing VPC, by EC2's rules. */
export const vpcCidr = cidr
  .refine((value) => Number(value.split('/')[1]) >= 16 && Number(value.split('/')[1]) <= 28, {
    error: 'an IPv4 range of a VPC, of size /16 to /28, such as "10.0.0.0/16"',
    abort: true,
  })
  .superRefine(tellFirstAddress);

/** Whether the ranges of a list do not overlap. Each must be written by its first address. */
export function areApart(ranges: readonly string[]): boolean {
  return ranges.every((range) =>
    ranges.every((other) => other === range || !contains(range, other.split('/')[0] ?? '')),
  );
}

function tellFirstAddress(value: string, context: z.RefinementCtx): void {
  if (form.test(value) && value !== firstAddress(value)) {
    const message = `the range by its first address, "${firstAddress(value)}"`;
    context.addIssue({ code: 'custom', message, input: value, continue: false });
  }
}

/** The other end of a connection: a range, or a prefix list in EC2. */
export const peer = text(
  new RegExp(`${form.source}|^pl-${resourceNumber}$`),
  'an IPv4 range such as "10.0.0.0/8", or the id of a prefix list such as "pl-0123456789abcdef0"',
).superRefine(tellFirstAddress);

/** Excludes ranges that a private network cannot have: this host, loopback, link-local, multicast and above. */
export const networkCidr = cidr
  .refine((value) => !/^(0|127|22[4-9]|2[345]\d)\.|^169\.254\./.test(value), {
    error: 'an IPv4 range of a private network, such as "10.0.0.0/16"',
    abort: true,
  })
  .refine((value) => Number(value.split('/')[1]) >= 16 && Number(value.split('/')[1]) <= 20, {
    error: 'an IPv4 range of size /16 to /20, such as "10.0.0.0/16"',
  });

/** Whether an address lies in a range. */
export function contains(range: string, address: string): boolean {
  const [first, size] = extent(range);
  const number = numberOf(address);
  return number >= first && number < first + size;
}

/**
 * The names of a range's reverse DNS zones. A range that ends within an octet has one for each value of that octet.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1035#section-3.5
 */
export function reverseNames(range: string): string[] {
  const [first, size] = extent(range);
  const octets = Math.ceil(Number(range.split('/')[1]) / 8);
  const step = 2 ** (32 - 8 * octets);
  return Array.from({ length: Math.max(1, size / step) }, (_, index) => {
    const parts = octetsOf(first + index * step).slice(0, octets);
    return [...parts.reverse(), 'in-addr', 'arpa'].join('.');
  });
}

/** The first address of a range as a number, and the number of its addresses. */
function extent(range: string): [number, number] {
  const [address = '', bits = '0'] = range.split('/');
  const size = 2 ** (32 - Number(bits));
  return [Math.floor(numberOf(address) / size) * size, size];
}

const numberOf = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const octetsOf = (number: number) => [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256);

function firstAddress(value: string): string {
  const [first] = extent(value);
  const bits = value.split('/')[1];
  return `${octetsOf(first).join('.')}/${bits}`;
}
