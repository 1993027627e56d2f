/** The secrets known before the first output: those of the injected secret, even if it is malformed. */
export function secretsOf(injected: string | undefined): Set<string> {
  const secrets = new Set<string>();
  if (!injected) return secrets;
  secrets.add(injected);
  try {
    const { password, nextPassword } = JSON.parse(injected) as Record<string, unknown>;
    for (const value of [password, nextPassword]) if (typeof value === 'string') secrets.add(value);
  } catch {
    // It is not JSON, so only the text as a whole is a secret.
  }
  return secrets;
}

/**
 * Returns a copy with each secret struck out of its texts, as it is and in the encodings that a message may contain.
 * The doctor's own messages contain no secrets; this is for the messages of others.
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
    // The longest first, because a longer form may contain a shorter one.
    .sort((a, b) => b.length - a.length);
  const strike = (text: string) => forms.reduce((left, form) => left.replaceAll(form, '(struck out)'), text);
  return Object.fromEntries(
    Object.entries(value).map(([key, text]) => [key, typeof text === 'string' ? strike(text) : text]),
  ) as T;
}
