import * as z from 'zod';
import { canonicalCidr } from './cidr.ts';
import { oneOf, section, text } from './fields.ts';
import { fullName } from './host-name.ts';

/** Who may reach the service, under which name, and whether over HTTPS. */
export const loadBalancer = section({
  scheme: oneOf('internal', 'internet-facing').default('internal'),
  allowedClients: z
    .array(canonicalCidr, { error: 'a list of IPv4 ranges' })
    .min(1, { error: 'a list of at least one IPv4 range' })
    .max(20, { error: 'a list of at most 20 IPv4 ranges' }),
  hostName: fullName('a full host name such as "music.example.com", of at most 64 characters').optional(),
  certificateArn: text(
    /^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/,
    'the ARN of an ACM certificate',
  ).optional(),
  hostedZone: section({
    id: text(/^Z[A-Z0-9]{5,31}$/, 'the id of a Route 53 hosted zone, such as "Z0123456789ABCDEFGHIJ"'),
    name: fullName('the name of a Route 53 hosted zone, such as "example.com"'),
  }).optional(),
});
