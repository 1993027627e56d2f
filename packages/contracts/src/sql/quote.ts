/** `[name]`: an identifier as T-SQL quotes it (QUOTENAME). */
export function quoteIdentifier(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

/** `N'text'`: a constant of type nvarchar. */
export function quoteText(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`;
}
