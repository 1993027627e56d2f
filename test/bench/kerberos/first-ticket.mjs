// Obtains a ticket for a service with a password and writes it to a cache, if one is given; prints its memory use.
const [realm, kdc, user, service, cache] = process.argv.slice(2);
if (cache) {
  const kerberos = await import('kerberos-client');
  const configuration = kerberos.configurationFrom(`[realms]\n${realm} = {\n kdc = ${kdc}\n}\n`);
  const client = new kerberos.KdcClient({ configuration });
  const principal = kerberos.parsePrincipal(user, realm);
  const ticketGrantingTicket = await kerberos.obtainInitialTicket(client, {
    client: principal,
    password: process.env.PASSWORD,
  });
  const { name } = kerberos.parsePrincipal(service, realm);
  const ticket = await kerberos.obtainServiceTicket(client, { ticketGrantingTicket, service: name });
  await kerberos.writeCredentialCache(cache, {
    ...{ principal, credentials: [kerberos.cacheable(ticket)], clockOffset: 0 },
  });
}
console.log(process.memoryUsage.rss() / 1024 / 1024);
