import * as z from 'zod';
import { text } from './fields.ts';

export const userRoles = z
  .array(text(/^db_[a-z]+$/, 'a fixed database role such as "db_datawriter"'), {
    error: 'a list of database roles',
  })
  .default([])
  .describe('Roles for the Windows user beyond reading.');
