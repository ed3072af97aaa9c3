import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { constantsOf, ulp } from '../support/f32'

const f = Math.fround
const K = constantsOf(readFileSync(new URL('../../shaders/lib/sincos.wgsl', import.meta.url), 'utf8'))

/** WGSL's round: ties to even. */
function roundEven(x: number): number {
  const r = Math.round(x)
  return Math.abs(x - Math.trunc(x)) === 0.5 && r % 2 !== 0 ? r - 1 : r
}

/** a + b * c: rounded twice, or once as a fused multiply-add does (exact to f64, so at most once more near ties). */
const separate = (a: number, b: number, c: number): number => f(a + f(b * c))
const fused = (a: number, b: number, c: number): number => f(a + b * c)

/** shaders/lib/sincos.wgsl with its own constants, every operation in f32. */
function sincos(x: number, madd: typeof separate): [number, number] {
  const k = roundEven(f(x * K.SINCOS_TWO_OVER_PI))
  let r = madd(x, f(-k), K.SINCOS_A)
  r = madd(r, f(-k), K.SINCOS_B)
  r = madd(r, f(-k), K.SINCOS_C)
  const z = f(r * r)
  const s = madd(r, f(r * z), madd(K.SINCOS_S3, z, madd(K.SINCOS_S5, z, K.SINCOS_S7)))
  const c = madd(madd(1, -0.5, z), f(z * z), madd(K.SINCOS_C4, z, madd(K.SINCOS_C6, z, K.SINCOS_C8)))
  const quadrant = k & 3
  const [sin, cos] = quadrant & 1 ? [c, s] : [s, c]
  return [quadrant >= 2 ? -sin : sin, quadrant === 1 || quadrant === 2 ? -cos : cos]
}

/** Largest errors over `count` points from `low` to `high`; `ulps` excludes the error of the reduction of x itself. */
function measure(low: number, high: number, count: number, madd: typeof separate) {
  const worst = { absolute: 0, ulps: 0 }
  for (let i = 0; i <= count; i++) {
    const x = f(low + ((high - low) * i) / count)
    const got = sincos(x, madd)
    const exact = [Math.sin(x), Math.cos(x)]
    // pi/2 is accurate to 2e-15 and k * C is rounded to f32: this matters only where the result is almost 0.
    const reduction = Math.abs(x) < Math.PI / 4 ? 0 : 1e-14 * Math.abs(x)
    for (const j of [0, 1]) {
      const error = Math.abs(got[j] - exact[j])
      worst.absolute = Math.max(worst.absolute, error)
      worst.ulps = Math.max(worst.ulps, (error - reduction) / ulp(exact[j]))
    }
  }
  return worst
}

describe.each([
  ['separate', separate],
  ['fused', fused],
])('sincos with %s multiply-adds', (_, madd) => {
  test.each([
    { to: Math.PI / 4, ulps: 1.3, absolute: 7.5e-8 },
    { to: 4 * Math.PI, ulps: 2, absolute: 1e-7 },
    { to: 100, ulps: 2, absolute: 1e-7 },
    { to: 1e4, ulps: 2, absolute: 1e-7 },
  ])('|x| to $to: $ulps ulp, $absolute absolute', ({ to, ulps, absolute }) => {
    const worst = measure(-to, to, 300_000, madd)
    expect(worst.ulps).toBeLessThan(ulps)
    expect(worst.absolute).toBeLessThan(absolute)
  })

  test('zero and small numbers', () => {
    expect(sincos(0, madd)).toEqual([0, 1])
    expect(sincos(1e-20, madd)).toEqual([f(1e-20), 1])
    expect(sincos(-1e-20, madd)).toEqual([f(-1e-20), 1])
  })
})

test('the measurement sees a constant that is off by 1e-6', () => {
  const right = K.SINCOS_S3
  K.SINCOS_S3 = f(right * (1 + 1e-6))
  const worst = measure(-Math.PI / 4, Math.PI / 4, 10_000, separate)
  K.SINCOS_S3 = right
  expect(worst.absolute).toBeGreaterThan(7.5e-8)
})
