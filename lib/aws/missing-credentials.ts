import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Explains why there are no credentials, and what to do. The SDK reports a missing profile and a profile without
 * credentials in the same words, so this reads the profile files to tell them apart.
 *
 * @param message the SDK's message
 */
export function explainMissingCredentials(message: string, environment = process.env): string {
  const profile = environment.AWS_PROFILE;
  // The SDK gives a more specific reason, for example an expired session.
  if (message !== '' && !/from any providers|^Could not resolve credentials/.test(message)) {
    return `${message.trim().replace(/\.?$/, '.')} Sign in again (aws sso login${profile ? ` --profile ${profile}` : ''}), or correct the profile.`;
  }
  if (!profile) {
    return 'There are no AWS credentials here. Sign in (aws sso login), name the profile in AWS_PROFILE, and try again.';
  }
  return profileExists(profile, environment)
    ? `The profile ${profile}, which AWS_PROFILE names, gives no credentials. Sign in (aws sso login --profile ${profile}), or correct it until "aws sts get-caller-identity --profile ${profile}" succeeds.`
    : `There is no profile ${profile}, which AWS_PROFILE names. "aws configure list-profiles" lists the existing ones: name one of them, or add it.`;
}

function profileExists(profile: string, environment: NodeJS.ProcessEnv): boolean {
  const folder = join(environment.HOME ?? homedir(), '.aws');
  const files = [
    environment.AWS_CONFIG_FILE ?? join(folder, 'config'),
    environment.AWS_SHARED_CREDENTIALS_FILE ?? join(folder, 'credentials'),
  ];
  return files.some((file) => headings(file).includes(profile));
}

/** The profiles in a file: `[profile x]` in the config file, `[x]` in the credentials file. */
function headings(file: string): string[] {
  try {
    const found = readFileSync(file, 'utf8').matchAll(/^\s*\[\s*(?:profile\s+)?["']?([^\]"']+?)["']?\s*\]/gm);
    return [...found].map(([, name = '']) => name);
  } catch {
    return [];
  }
}
