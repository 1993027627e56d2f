// Logs in as web does, with the settings in its environment, and runs the statements given on the command line one
// after the other. Prints each result as a line of JSON: the rows, or the error number.
import { connectionTo, readCertificateAuthorities } from '@packages/service';
import { connect, type LoginError, query, type RequestError } from 'tedious-kerberos';
import { readConfiguration } from '../../services/web/src/configuration.ts';

const settings = readConfiguration(process.env);
const authorities = readCertificateAuthorities(settings, settings.SQL_TLS_NAME);
try {
  const connection = await connect(connectionTo(settings, authorities, 'test'));
  for (const sql of process.argv.slice(2)) {
    const outcome = await query(connection, sql).then(
      ({ rows }) => ({ rows }),
      (error) => ({ error: (error as RequestError).number }),
    );
    console.log(JSON.stringify(outcome));
  }
  connection.close();
} catch (error) {
  console.log(JSON.stringify({ login: (error as LoginError).code }));
}
