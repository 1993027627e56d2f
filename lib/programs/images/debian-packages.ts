/** An installed Debian package. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: string;
}

/**
 * The installed packages that a dpkg status file lists.
 *
 * @see https://www.debian.org/doc/debian-policy/ch-controlfields.html
 */
export function parseDpkgStatus(text: string): DebianPackage[] {
  return text
    .split(/\n\n+/)
    .map((paragraph) => new Map(fields(paragraph)))
    .filter((entry) => entry.has('Package') && (entry.get('Status') ?? ' installed').endsWith(' installed'))
    .map((entry) => ({
      name: entry.get('Package') ?? '',
      version: entry.get('Version') ?? '',
      architecture: entry.get('Architecture') ?? '',
      source: (entry.get('Source') ?? entry.get('Package') ?? '').split(' ')[0] ?? '',
    }));
}

function fields(paragraph: string): [string, string][] {
  return paragraph
    .split('\n')
    .map((line) => /^([\w-]+): ?(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => [match[1] ?? '', match[2] ?? '']);
}
