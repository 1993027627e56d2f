import type * as z from 'zod';
import { section, text, yesOrNo } from './fields.ts';
import { isDomainOfOthers, isReservedNetbiosName } from './reserved-names.ts';
import { newAccountName } from './user.ts';

/** The user if the configuration names none. */
export const defaultUser = 'db-user';

/** SQL Server allows at most 47 characters. */
export const domainName = text(
  /^(?=.{1,47}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/,
  'a domain name of at least two lower-case labels, such as "corp.example.com", of at most 47 characters',
).refine((name) => !isDomainOfOthers(name), {
  error:
    'a domain name of your own: AWS and VPCs have names in this domain, for which the directory would answer',
});

const netbiosForm = /^[A-Z]([A-Z0-9-]{0,13}[A-Z0-9])?$/;
const netbios = text(netbiosForm, '1 to 15 capitals, digits and hyphens, a capital first, no hyphen last')
  .refine((name) => !isReservedNetbiosName(name), {
    error: 'a name that is not reserved by Windows',
  })
  .optional();

interface Named {
  readonly name: string;
  readonly netbiosName?: string | undefined;
}

/** The NetBIOS name: as configured, or the domain's first label in capitals, truncated to 15 characters. */
export function netbiosName({ name, netbiosName }: Named): string {
  return netbiosName ?? (name.split('.')[0] ?? name).toUpperCase().slice(0, 15);
}

function netbiosNameIsOne(domain: Named, context: z.RefinementCtx): void {
  const derived = netbiosName(domain);
  if (domain.netbiosName === undefined && (!netbiosForm.test(derived) || isReservedNetbiosName(derived))) {
    const message = `given: "${derived}", which follows from the domain's name, is not one that Windows allows`;
    context.addIssue({ code: 'custom', path: ['netbiosName'], message, input: undefined });
  }
}

/** The domain and the user of environments that name no other. */
export const domain = section({
  name: domainName,
  netbiosName: netbios,
  user: newAccountName.default(defaultUser),
  adoptUser: yesOrNo.optional().describe('Whether an existing user of that name may be taken over.'),
}).superRefine(netbiosNameIsOne);

/** The domain of one environment. */
export const domainOfEnvironment = section({ name: domainName, netbiosName: netbios }).superRefine(
  netbiosNameIsOne,
);

export type Domain = z.output<typeof domainOfEnvironment>;
