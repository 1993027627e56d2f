import { text } from './fields.ts';

const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';

/** A full DNS name of at most 64 characters, the limit for the common name of a certificate. */
export function fullName(allowed: string) {
  return text(new RegExp(`^(?=.{1,64}$)(${label}\\.)+[a-z]{2,63}$`), allowed);
}
