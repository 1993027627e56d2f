import * as z from 'zod';

const named = z.object({ name: z.string(), version: z.string() });

/**
 * The output of `npm audit signatures --json`: two lists, or an error.
 *
 * @see https://docs.npmjs.com/verifying-registry-signatures
 */
export const signaturesReport = z.union([
  z.object({
    error: z.object({
      code: z.string().nullish(),
      summary: z.string().nullish(),
    }),
  }),
  z.object({ invalid: z.array(named.extend({ code: z.string() })), missing: z.array(named) }),
]);
export type SignaturesReport = z.infer<typeof signaturesReport>;

/** Explanations of npm's errors, with what to do. */
const errors: readonly (readonly [error: RegExp, meaning: string])[] = [
  [
    /EMISSINGSIGNATUREKEY/,
    'A package is signed with a key that its registry does not publish, so nobody can say who signed it: a mirror may leave keys out (/-/npm/v1/keys). Let npm ask a registry that publishes them, or tell the registry.',
  ],
  [
    /EEXPIREDSIGNATUREKEY/,
    'A package was signed with a key after that had expired, by the registry or by somebody who has its old key. Do not install it; ask the registry.',
  ],
  [
    /EATTESTATIONSUBJECT/,
    'The provenance of a package is about something else than this package. Do not install it; ask whoever publishes it.',
  ],
  [
    /EINTEGRITY/,
    'The registry reports another checksum for a package than before. Do not install it; compare it with the lock file of an earlier commit.',
  ],
  [
    /found no installed dependencies/,
    'The lock file names no package, so none was checked. Is this the folder of the project?',
  ],
  [
    /supported registry/,
    'The registry publishes no keys, so no signature can be checked: a mirror may leave them out. Let npm ask a registry that has /-/npm/v1/keys (registry in .npmrc).',
  ],
  [
    /ETARGET|E404/,
    'The registry does not know a package of the lock file: it was unpublished, or comes from another registry. Replace it with one that is published there.',
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|EPIPE|ERR_SOCKET|FETCH_ERROR|E5\d\d|TUF_/,
    'The registry, or the keys of sigstore (tuf-repo-cdn.sigstore.dev), cannot be reached. Is there a way to both? Then try again.',
  ],
];

/** One error for each reason not to trust the packages; none if all signatures are valid. */
export function explainSignatures(report: SignaturesReport): string[] {
  if ('error' in report) return [explainError(report.error)];
  const signatures = report.invalid.filter(({ code }) => code !== 'EATTESTATIONVERIFY');
  const provenance = report.invalid.filter(({ code }) => code === 'EATTESTATIONVERIFY');
  return [
    about(
      signatures,
      "the registry's signature is wrong: somebody may have changed it since it was published. Do not install it, and tell the registry.",
    ),
    about(
      provenance,
      'the provenance that it was published with cannot be verified: it may not be built from the source that it names. Do not install it; ask whoever publishes it.',
    ),
    about(
      report.missing,
      'the registry has not signed it, though it signs: somebody may have added it without going through the registry. Do not install it; replace it with a signed version.',
    ),
  ].flat();
}

function about(packages: readonly z.infer<typeof named>[], what: string): string[] {
  if (packages.length === 0) return [];
  const list = packages.map(({ name, version }) => `${name}@${version}`);
  const more = list.length > 10 ? ` and ${list.length - 10} more` : '';
  return [`${list.slice(0, 10).join(', ')}${more}: ${what}`];
}

function explainError({
  code,
  summary,
}: {
  code?: string | null | undefined;
  summary?: string | null | undefined;
}) {
  const said = [code, summary].filter(Boolean).join(': ') || 'nothing';
  const [, meaning = 'npm could not check the signatures of the packages.'] =
    errors.find(([error]) => error.test(said)) ?? [];
  return `${meaning} npm says: ${said}`;
}
