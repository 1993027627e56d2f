import type { Check } from './check.ts';

/** A check of any name. */
export type Finding = Check<string>;

const width = 80;
const marks: Readonly<Record<Finding['status'], string>> = {
  passed: 'ok',
  warning: 'WARN',
  failed: 'FAIL',
  skipped: '-',
};
const indent = 5 + 17;

/** A check for people, in lines of no more than 80 columns. */
export function reportCheck({ check, status, detail, code, remedy, ask }: Finding): string {
  const lines = [
    ...wrapped(code === undefined ? detail : `${code}: ${detail}`),
    ...(remedy ? wrapped(`Remedy: ${remedy}`) : []),
    ...(ask ? wrapped(`Ask: the ${ask} team.`) : []),
  ];
  const head = marks[status].padEnd(5) + check;
  const [first = '', ...others] = lines;
  // A name that leaves no room has a line of its own.
  const begin = head.length < indent ? [head.padEnd(indent) + first] : [head, ' '.repeat(indent) + first];
  return [...begin, ...others.map((line) => ' '.repeat(indent) + line)].join('\n');
}

/** The last line. */
export function summary(checks: readonly Finding[]): string {
  const failures = checks.filter(({ status }) => status === 'failed').map(({ check }) => check);
  return failures.length === 0
    ? 'Nothing is wrong.'
    : wrapped(`Wrong: ${failures.join(', ')}. Begin with the first.`, width).join('\n');
}

/** Words that are longer than a line are cut. What a server says must not steer the terminal. */
export function wrapped(text: string, columns = width - indent): string[] {
  const words = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .split(' ')
    .flatMap((word) => word.match(new RegExp(`.{1,${columns}}`, 'gsu')) ?? []);
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}
