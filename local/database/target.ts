/** Parses `<host>:<port>`; undefined if the text has another form. */
export function parseHostAndPort(text: string): { readonly host: string; readonly port: number } | undefined {
  const [, host, digits] = /^([A-Za-z0-9.-]+):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}
