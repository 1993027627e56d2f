import { expect, test } from 'vitest';
import { parseKdcList } from './kdc-list.ts';

test.for([
  ['10.0.1.10', ['10.0.1.10']],
  ['10.0.1.10:88, dc2', ['10.0.1.10:88', 'dc2']],
  ['dc_1.corp.example.com.', ['dc_1.corp.example.com.']],
  ['::1', ['[::1]']],
  ['fd00::10,[fd00::11]:88,[fd00::12]', ['[fd00::10]', '[fd00::11]:88', '[fd00::12]']],
] as const)('domain controllers %s', ([text, kdcs]) => {
  expect(parseKdcList(text)).toEqual(kdcs);
});

test.for([
  ...['', ',', 'dc1,', 'dc1;dc2', 'dc1 dc2', 'dc1:', 'dc1:0', 'dc1:65536', 'dc1:kerberos', '-dc', 'dc..corp'],
  ...['[10.0.1.10]', '[::1', '::1]:88', '[]', 'tcp/dc1', 'https://proxy/KdcProxy', 'dc1\n[plugins]', 'dc1}'],
])('a list of them is not %j', (text) => {
  expect(parseKdcList(text)).toBeUndefined();
});
