/**
 * Whether a filter pattern of CloudWatch Logs matches a line. Only the form that our programs use is supported:
 * `{ $.key = "text" || $.key = "text" }`.
 *
 * @throws Error for a pattern of another form
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function matches(pattern: unknown, line: string): boolean {
  const [, alternatives = ''] = /^\{ (.+) \}$/.exec(String(pattern)) ?? [];
  const fields = JSON.parse(line) as Record<string, unknown>;
  return alternatives.split(' || ').some((alternative) => {
    const [, key = '', text] = /^\$\.(\w+) = "([^"]*)"$/.exec(alternative) ?? [];
    if (text === undefined) throw new Error(`The filter pattern ${pattern} is not understood here.`);
    return fields[key] === text;
  });
}
