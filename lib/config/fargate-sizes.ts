const GiB = 1024;
const steps = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => (from + index) * GiB);

/**
 * The memory sizes (MiB) that Fargate pairs with a CPU size (1024 units = one vCPU).
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
 */
export function fargateMemory(cpu: number): readonly number[] {
  const sizes: Record<number, readonly number[]> = {
    256: [512, GiB, 2 * GiB],
    512: steps(1, 4),
    1024: steps(2, 8),
    2048: steps(4, 16),
    4096: steps(8, 30),
  };
  return sizes[cpu] ?? [];
}
