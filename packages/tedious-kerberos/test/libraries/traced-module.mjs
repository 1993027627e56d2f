import * as tediousKerberos from 'tedious-kerberos';
import { printSpans } from './traced.cjs';

await printSpans(tediousKerberos);
