const { printSpans } = require('./traced.cjs');

printSpans(require('tedious-kerberos'));
