import * as z from 'zod';
import { text } from './fields.ts';
import { octet, resourceNumber } from './forms.ts';

/** The name of a parameter in Systems Manager that the account's owner can create. */
const parameter = '(?!/(aws|ssm)(/|-))(/[A-Za-z0-9_.-]+){1,15}';

const kinds = {
  vpc: { form: `vpc-${resourceNumber}`, is: 'the id of a VPC such as "vpc-0123456789abcdef0"' },
  subnet: { form: `subnet-${resourceNumber}`, is: 'the id of a subnet such as "subnet-0123456789abcdef0"' },
  routeTable: {
    form: `rtb-${resourceNumber}`,
    is: 'the id of a route table such as "rtb-0123456789abcdef0"',
  },
  securityGroup: {
    form: `sg-${resourceNumber}`,
    is: 'the id of a security group such as "sg-0123456789abcdef0"',
  },
  directory: { form: 'd-[0-9a-f]{10}', is: 'the id of a directory in this account such as "d-0123456789"' },
  resolverRule: {
    form: `rslvr-rr-${resourceNumber}`,
    is: 'the id of a Route 53 Resolver rule such as "rslvr-rr-0123456789abcdef0"',
  },
} as const;

/**
 * The id of an existing resource, or `ssm:/path` of a parameter in the environment's account and region that holds the
 * id when the stack is deployed. Synthesis does not look it up.
 */
export function idOf(kind: keyof typeof kinds) {
  const { form, is } = kinds[kind];
  return text(
    new RegExp(`^(${form}|ssm:${parameter})$`),
    `${is}, or "ssm:/path" of a parameter that holds it`,
  );
}

/** An IPv4 address that a host can have. */
export const address = text(
  new RegExp(`^(?!0\\.|127\\.|169\\.254\\.|22[4-9]\\.|2[3-5]\\d\\.)(${octet}\\.){3}${octet}$`),
  'the IPv4 address of a host, such as "10.1.0.10"',
);

/** A public address, such as that of a NAT gateway. */
export const publicAddress = address.refine(
  (value) => !/^(10|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(value),
  { error: 'a public IPv4 address, such as "198.51.100.7": private ones are not seen outside' },
);

/** A list without duplicates; `allowed` completes the sentence "… must be …". */
export function listOf<Item extends z.ZodType>(
  item: Item,
  minimum: number,
  maximum: number,
  allowed: string,
) {
  return z
    .array(item, { error: allowed })
    .min(minimum, { error: allowed, abort: true })
    .max(maximum, { error: allowed, abort: true })
    .refine((items) => new Set(items.map((one) => JSON.stringify(one))).size === items.length, {
      error: `${allowed}, each given once`,
    });
}
