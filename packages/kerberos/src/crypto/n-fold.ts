/**
 * Stretches or folds octets to a length (RFC 3961, section 5.1): adds copies of the input in ones' complement, each
 * rotated right by 13 bits more than the previous one.
 *
 * @param length of the result in octets
 */
export function nFold(input: Uint8Array, length: number): Buffer {
  const total = leastCommonMultiple(input.length, length);
  const sum = new Array<number>(length).fill(0);
  for (let at = 0; at < total; at += 1) {
    sum[at % length] = (sum[at % length] ?? 0) + rotatedOctet(input, at);
  }
  // End-around carry, until no carry is left.
  for (let carry = 1; carry > 0; ) {
    carry = 0;
    for (let at = length - 1; at >= 0; at -= 1) {
      const value = (sum[at] ?? 0) + carry;
      sum[at] = value & 0xff;
      carry = value >> 8;
    }
    sum[length - 1] = (sum[length - 1] ?? 0) + carry;
  }
  return Buffer.from(sum);
}

/** The octet at an index of the infinite sequence of rotated copies. */
function rotatedOctet(input: Uint8Array, at: number): number {
  const bits = input.length * 8;
  const rotation = 13 * Math.floor(at / input.length);
  const first = (((at % input.length) * 8 - rotation) % bits) + bits;
  let octet = 0;
  for (let bit = 0; bit < 8; bit += 1) {
    const place = (first + bit) % bits;
    octet = (octet << 1) | (((input[place >> 3] ?? 0) >> (7 - (place & 7))) & 1);
  }
  return octet;
}

function leastCommonMultiple(a: number, b: number): number {
  const divisor = (x: number, y: number): number => (y === 0 ? x : divisor(y, x % y));
  return (a * b) / divisor(a, b);
}
