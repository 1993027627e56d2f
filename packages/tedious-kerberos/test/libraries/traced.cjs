const { connectionConfig } = require('./connection-config.cjs');

// Runs statements on a connection and in a pool, and prints the spans that OpenTelemetry made of them.
exports.printSpans = async (tediousKerberos) => {
  const { connect, createPool, query, Request } = tediousKerberos;
  const config = connectionConfig(tediousKerberos);
  const connection = await connect(config);
  await query(connection, 'SELECT 1 AS one');
  await query(connection, 'SELECT nothing FROM Nowhere').catch(() => {});
  await new Promise((resolve) => connection.execSqlBatch(new Request('SELECT 2 AS two', resolve)));
  connection.close();
  const pool = createPool({ connection: config });
  await pool.query('SELECT 3 AS three');
  await pool.drain();
  const spans = globalThis.finishedSpans().map(({ attributes, status }) => ({
    statement: attributes['db.query.text'],
    database: attributes['db.namespace'],
    failed: status.code === 2,
  }));
  console.log(JSON.stringify(spans));
};
