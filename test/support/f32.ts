/** Shared by tests of f32 arithmetic. */

/** The f32 constants of a WGSL source: `const NAME = 1.5f;` -> { NAME: 1.5 }, rounded to f32. */
export function constantsOf(wgsl: string): Record<string, number> {
  const found = wgsl.matchAll(/^const (\w+) = (-?[\d.]+(?:e[-+]?\d+)?)f;/gm)
  return Object.fromEntries([...found].map(([, name, value]) => [name, Math.fround(Number(value))]))
}

/** The distance between neighbouring f32 numbers at `x`. */
export function ulp(x: number): number {
  return 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), -126) - 23)
}
