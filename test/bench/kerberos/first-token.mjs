// Loads the package in a new process and makes the token of its first login; prints the time in milliseconds.
import 'node:tls'; // any driver loads this
import 'tedious';

const [how, spn] = process.argv.slice(2);
const start = performance.now();
const { kerberos } = await import('tedious-kerberos');
const authenticator = kerberos({ spn, native: how === 'native' });
const session = authenticator.begin({ host: 'music-db.corp.example.com', port: 1433 });
const token = await session.initialToken(AbortSignal.timeout(10_000), Promise.resolve(undefined));
const milliseconds = performance.now() - start;
session.dispose();
console.log(JSON.stringify({ milliseconds, octets: token.length }));
