/** A token of an expression: a number, a name or an operator. */
const token = /\s*(\d+(?:\.\d+)?|\w+|[-+*/<>(),])/y;

/**
 * Evaluates an expression in CloudWatch's metric math, with the features that the alarms here use: numbers, names of
 * metrics, `+ - * / < >`, `FILL` (no data is missing here) and `IF`.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 * @throws Error for anything else, and for a metric without a value
 */
export function evaluate(expression: string, values: Readonly<Record<string, number>>): number {
  const tokens = tokensOf(expression);
  const take = (wanted?: string): string => {
    const next = tokens.shift() ?? '';
    if (wanted !== undefined && next !== wanted) throw new Error(`"${wanted}" is missing in ${expression}`);
    return next;
  };
  const operators: readonly Readonly<Record<string, (a: number, b: number) => number>>[] = [
    { '<': (a, b) => Number(a < b), '>': (a, b) => Number(a > b) },
    { '+': (a, b) => a + b, '-': (a, b) => a - b },
    { '*': (a, b) => a * b, '/': (a, b) => a / b },
  ];
  function binary(level: number): number {
    const known = operators[level];
    if (!known) return primary();
    let result = binary(level + 1);
    for (let apply = known[tokens[0] ?? '']; apply; apply = known[tokens[0] ?? '']) {
      take();
      result = apply(result, binary(level + 1));
    }
    return result;
  }
  function primary(): number {
    const word = take();
    if (word === '(') {
      const inner = binary(0);
      take(')');
      return inner;
    }
    if (/^\d/.test(word)) return Number(word);
    if (tokens[0] === '(') return call(word);
    const value = values[word];
    if (value === undefined) throw new Error(`There is no value of "${word}" in ${expression}`);
    return value;
  }
  function call(name: string): number {
    take('(');
    const given = [binary(0)];
    while (tokens[0] === ',') {
      take();
      given.push(binary(0));
    }
    take(')');
    const [first = 0, second = 0, third = 0] = given;
    if (name === 'FILL') return first;
    if (name === 'IF') return first ? second : third;
    throw new Error(`The function ${name} of ${expression} is not supported here.`);
  }
  const result = binary(0);
  if (tokens.length > 0) throw new Error(`"${tokens.join(' ')}" is left over in ${expression}`);
  return result;
}

function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < expression.length) {
    const [, next] = token.exec(expression) ?? [];
    if (next === undefined) throw new Error(`${expression} contains something that is not supported here.`);
    tokens.push(next);
  }
  return tokens;
}
