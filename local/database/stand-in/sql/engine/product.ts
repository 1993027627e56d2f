/** SQL Server 2022 as RDS runs it: major, minor, build. */
export const productVersion = [16, 0, 4236] as const;
