import * as tediousKerberos from 'tedious-kerberos';
import { connectionConfig } from './connection-config.cjs';

const pool = tediousKerberos.createPool({ connection: connectionConfig(tediousKerberos) });
const { rows } = await pool.query('SELECT SUSER_SNAME() AS login');
await pool.drain();
console.log(process.version, rows[0].login);
