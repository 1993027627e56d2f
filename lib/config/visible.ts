/** Characters that a terminal interprets, that are invisible, or that look like a space. */
const unseen = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

const escaped = (character: string) => {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
};

/** Text from the configuration on one line, for use in a message: invisible characters are escaped as in JSON. */
export function visible(text: string): string {
  return text.replace(unseen, escaped);
}

const longest = 80;

/** The text, truncated if it is long, but not within a surrogate pair. */
export function shortened(text: string): string {
  if (text.length <= longest) return text;
  const beginning = text.slice(0, longest - 3);
  return `${beginning.isWellFormed() ? beginning : beginning.slice(0, -1)}…`;
}
