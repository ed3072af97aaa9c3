/** Numbers that f32 holds. */

const F32_MAX = 3.4028234663852886e38

export const isFloat = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= F32_MAX
