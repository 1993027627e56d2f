const tediousKerberos = require('tedious-kerberos');
const { connectionConfig } = require('./connection-config.cjs');

(async () => {
  const connection = await tediousKerberos.connect(connectionConfig(tediousKerberos));
  const { rows } = await tediousKerberos.query(connection, 'SELECT SUSER_SNAME() AS login');
  connection.close();
  console.log(process.version, rows[0].login);
})();
