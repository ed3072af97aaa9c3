/** Values of a description, as its author would write them, for messages. */

const F32_MAX = 3.4028234663852886e38

export const show = (value: unknown): string =>
  typeof value === 'number' ? `${value}` : (JSON.stringify(value) ?? `${value}`)

/** Whether `value` is a number that f32 holds. */
export const isFloat = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= F32_MAX
