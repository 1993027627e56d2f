/** The secrets that are known before anything is said: the injected secret's, even when it is not well-formed. */
export function secretsOf(injected: string | undefined): Set<string> {
  const secrets = new Set<string>();
  if (!injected) return secrets;
  secrets.add(injected);
  try {
    const { password, nextPassword } = JSON.parse(injected) as Record<string, unknown>;
    for (const value of [password, nextPassword]) if (typeof value === 'string') secrets.add(value);
  } catch {
    // What is no JSON is a secret as a whole.
  }
  return secrets;
}

/**
 * The same, with each secret struck out of its texts: as it is, and as encodings that somebody's message may have of it.
 * Nothing that is said is made of a secret; this is for what others say.
 */
export function withoutSecrets<T extends object>(value: T, secrets: ReadonlySet<string>): T {
  const forms = [...secrets]
    .filter((secret) => secret !== '')
    .flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret, 'utf16le').toString('base64'),
      Buffer.from(secret, 'utf16le').toString('hex'),
    ])
    // A longer one may hold a shorter one.
    .sort((a, b) => b.length - a.length);
  const strike = (text: string) => forms.reduce((left, form) => left.replaceAll(form, '(struck out)'), text);
  return Object.fromEntries(
    Object.entries(value).map(([key, text]) => [key, typeof text === 'string' ? strike(text) : text]),
  ) as T;
}
