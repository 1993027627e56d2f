/** An exact decimal number: `unscaled` / 10^`scale`. */
export interface DecimalNumber {
  readonly unscaled: bigint;
  /** Digits after the decimal point. */
  readonly scale: number;
}

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;

/** More digits than any SQL Server type has; also keeps `1e999999999` from exhausting memory. */
const mostDigits = 400;

/**
 * Parses a number digit by digit. A `number` is read in JavaScript's shortest notation, so 19.99 is exactly 19.99 and not
 * the binary fraction that stores it.
 *
 * @returns undefined for anything that is not a number or has more than 400 digits
 */
export function decimalNumber(value: unknown): DecimalNumber | undefined {
  if (typeof value === 'bigint') return { unscaled: value, scale: 0 };
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const match = pattern.exec(String(value));
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole.length + fraction.length === 0) return undefined;
  const scale = fraction.length - Number(exponent);
  if (whole.length + fraction.length > mostDigits || Math.abs(scale) > mostDigits) return undefined;
  const digits = BigInt(whole + fraction) * 10n ** BigInt(Math.max(0, -scale));
  return { unscaled: sign === '-' ? -digits : digits, scale: Math.max(0, scale) };
}

/** The number with this many digits after the decimal point, rounded half away from zero, as SQL Server rounds. */
export function rescale({ unscaled, scale }: DecimalNumber, digits: number): DecimalNumber {
  if (digits >= scale) return { unscaled: unscaled * 10n ** BigInt(digits - scale), scale: digits };
  const divisor = 10n ** BigInt(scale - digits);
  const half = unscaled < 0n ? -divisor / 2n : divisor / 2n;
  return { unscaled: (unscaled + half) / divisor, scale: digits };
}

/** The precision that the number needs: its digits before and after the point, at least 1 and at least its scale. */
export function precisionOf({ unscaled, scale }: DecimalNumber): number {
  return Math.max(String(unscaled < 0n ? -unscaled : unscaled).length, scale, 1);
}

/** The number in ordinary decimal notation. */
export function decimalText({ unscaled, scale }: DecimalNumber): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const sign = unscaled < 0n ? '-' : '';
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
