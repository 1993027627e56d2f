/**
 * Active Directory answers with this structure instead of a text when its policy refuses a new password: 30 octets, all
 * numbers in network byte order ([MS-SAMR] 2.2.3.5 holds the same values).
 */
const policyLength = 30;
const COMPLEX = 0x1;
const days = 864_000_000_000n; // in units of 100 ns

/**
 * The sentences in a server's answer to a password change.
 *
 * @returns an empty list if the answer holds no text
 */
export function policySentences(answer: Buffer): string[] {
  const isPolicy = answer.length === policyLength && answer.readUInt16BE() === 0;
  if (!isPolicy) {
    const text = answer
      .toString()
      .replace(/[\p{C}\s]+/gu, ' ')
      .trim();
    return text ? [text.slice(0, 1000)] : [];
  }
  const minimalLength = answer.readUInt32BE(2);
  const history = answer.readUInt32BE(6);
  const properties = answer.readUInt32BE(10);
  const minimalAge = duration(answer.readBigUInt64BE(22));
  return [
    ...(minimalLength > 0 ? [`A password has at least ${counted(minimalLength, 'character')}.`] : []),
    ...(history > 0 ? [`It differs from the last ${counted(history, 'password')}.`] : []),
    ...(properties & COMPLEX
      ? [
          'It mixes three of: capital letters, small letters, digits, other characters; and does not hold the user name.',
        ]
      : []),
    ...(minimalAge ? [`It can be changed again only after ${minimalAge}.`] : []),
  ];
}

function duration(units: bigint): string | undefined {
  if (units === 0n) return undefined;
  const hours = Number((units * 24n) / days);
  return hours % 24 === 0 && hours > 0 ? counted(hours / 24, 'day') : counted(Math.max(1, hours), 'hour');
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
