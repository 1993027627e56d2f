import { text } from './fields.ts';

const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const form = new RegExp(`^(${octet}\\.){3}${octet}/(3[0-2]|[12]?\\d)$`);

/** An IPv4 range in CIDR notation. */
export const cidr = text(form, 'an IPv4 range such as "10.0.0.0/8"');

/** A range by its first address: EC2 makes others so, and then takes two that are the same for one too many. */
export const canonicalCidr = cidr.superRefine((value, context) => {
  const first = firstAddress(value);
  if (form.test(value) && value !== first) {
    context.addIssue({ code: 'custom', message: `the range by its first address, "${first}"`, input: value });
  }
});

/** Ranges that no network of one's own can have: this host, loopback, link-local, multicast and beyond. */
export const networkCidr = cidr
  .refine((value) => !/^(0|127|22[4-9]|2[345]\d)\.|^169\.254\./.test(value), {
    error: 'an IPv4 range of a private network, such as "10.0.0.0/16"',
  })
  .refine((value) => Number(value.split('/')[1]) >= 16 && Number(value.split('/')[1]) <= 20, {
    error: 'an IPv4 range of size /16 to /20, such as "10.0.0.0/16"',
  });

function firstAddress(value: string): string {
  const [address = '', bits = '0'] = value.split('/');
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(number / size) * size;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${bits}`;
}
