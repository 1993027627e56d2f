/** Characters that a terminal obeys, that are not seen, or that pass for a blank. */
const unseen = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

const escaped = (character: string) => {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
};

/** Text from the configuration as a sentence may hold it, on one line: what is not seen is written as JSON writes it. */
export function visible(text: string): string {
  return text.replace(unseen, escaped);
}

const longest = 80;

/** The same, cut where it is long; no character is cut in half. */
export function shortened(text: string): string {
  if (text.length <= longest) return text;
  const beginning = text.slice(0, longest - 3);
  return `${beginning.isWellFormed() ? beginning : beginning.slice(0, -1)}…`;
}
