import type { DataType, Parameter, ParameterData } from 'tedious/lib/data-type.js';

export type { DataType, Parameter, ParameterData };

type Collation = Parameters<DataType['validate']>[1];
type Options = Parameters<NonNullable<DataType['resolve']>>[2];

/** What is changed of a type of tedious. */
export interface Refinement {
  /**
   * Takes a value that is not null, or throws a sentence.
   *
   * @param options absent when the parameter was declared before
   */
  check(value: unknown, collation: Collation, options?: Options): unknown;
  /**
   * Length, precision and scale of a parameter whose value was checked; throws a sentence for one that does not fit.
   *
   * @param options absent when the parameter was declared before
   */
  declare?(
    parameter: Parameter,
    options?: Options,
  ): Partial<Pick<ParameterData, 'value' | 'length' | 'precision' | 'scale'>>;
  readonly writeValue?: DataType['writeValue'];
}

/** A type of tedious that refuses, in a sentence, what it would have changed on the way. */
export function refine(type: DataType, { check, declare, writeValue }: Refinement): DataType {
  const declared = (parameter: Parameter, options?: Options) => ({
    ...parameter,
    ...declare?.(parameter, options),
  });
  return {
    ...type,
    ...(writeValue ? { writeValue } : {}),
    validate: (value, collation, options) =>
      value === null || value === undefined ? null : check(value, collation, options),
    declaration: (parameter) => type.declaration(declared(parameter)),
    resolve(parameter, collation, options) {
      const valid = { ...parameter, value: this.validate(parameter.value, collation, options) };
      const checked = declared(valid, options);
      const { value, length, precision, scale } = checked;
      const data: ParameterData = { value };
      if (length !== undefined) data.length = length;
      if (precision !== undefined) data.precision = precision;
      if (scale !== undefined) data.scale = scale;
      if (collation) data.collation = collation;
      return data;
    },
  };
}

/** A value as an error may show it: short, and never the content of a long text. */
export function shown(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 40 ? `a text of ${value.length} characters` : JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString();
  if (typeof value === 'object' && value !== null)
    return `an object (${value.constructor?.name ?? 'without a class'})`;
  return typeof value === 'function' ? 'a function' : String(value);
}
