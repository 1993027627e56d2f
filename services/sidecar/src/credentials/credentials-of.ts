import type { Configuration } from '../configuration.ts';
import { type CredentialsSource, injectedCredentials } from './credentials-source.ts';
import { fetchedCredentials, fetchInOwnProcess } from './fetched-credentials.ts';

/** Creates the credentials source that the configuration selects. @param entry this program's main file */
export function credentialsSource(
  { credentials, domain }: Pick<Configuration, 'credentials' | 'domain'>,
  entry: string,
): CredentialsSource {
  return credentials.source === 'injected'
    ? injectedCredentials(credentials.credentials)
    : fetchedCredentials(fetchInOwnProcess(entry, credentials.secretArn), domain);
}
