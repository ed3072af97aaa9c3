import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { constantsOf, ulp } from '../support/f32'

const f = Math.fround
const K = constantsOf(readFileSync(new URL('../../shaders/lib/tanh.wgsl', import.meta.url), 'utf8'))

const separate = (a: number, b: number, c: number): number => f(a + f(b * c))
const fused = (a: number, b: number, c: number): number => f(a + b * c)
const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high)

/** shaders/lib/tanh.wgsl with its own constants, every operation in f32; `quotient` is off by `ulps` of itself. */
function tanh(x: number, madd: typeof separate, ulps = 0): number {
  const v = clamp(x, -K.TANH_CLAMP, K.TANH_CLAMP)
  const z = f(v * v)
  const w = f(z * z)
  const pHigh = madd(madd(K.TANH_P9, z, K.TANH_P11), w, K.TANH_P13)
  const p = madd(madd(K.TANH_P1, z, K.TANH_P3), w, madd(madd(K.TANH_P5, z, K.TANH_P7), w, pHigh))
  const q = madd(madd(K.TANH_Q0, z, K.TANH_Q2), w, madd(K.TANH_Q4, z, K.TANH_Q6))
  const quotient = f(f(v * p) / q)
  return clamp(f(quotient + Math.sign(quotient) * ulps * ulp(quotient)), -1, 1)
}

function* grid(low: number, high: number, count: number): Generator<number> {
  for (let i = 0; i <= count; i++) yield f(low + ((high - low) * i) / count)
}

describe.each([
  ['separate', separate],
  ['fused', fused],
])('tanh with %s multiply-adds', (_, madd) => {
  test('absolute error below 3.3e-7, in [-1, 1], odd', () => {
    let worst = 0
    for (const x of grid(0, 10, 1_500_000)) {
      const y = tanh(x, madd)
      worst = Math.max(worst, Math.abs(y - Math.tanh(x)))
      if (!(Math.abs(y) <= 1) || tanh(-x, madd) !== -y) expect.fail(`tanh(${x}) = ${y}`)
    }
    expect(worst).toBeLessThan(3.3e-7)
  })

  test('relative error below 4e-7 from 1e-30 to 10', () => {
    let worst = 0
    for (const e of grid(-30, 1, 500_000)) {
      const x = f(10 ** e)
      worst = Math.max(worst, Math.abs(tanh(x, madd) / Math.tanh(x) - 1))
    }
    expect(worst).toBeLessThan(4e-7)
  })

  test('large inputs stay within [-1, 1] even when the quotient is off by the 2.5 ulp that WGSL allows', () => {
    for (const x of [8, 20, 89, 1e4, 1e10, 3.4e38]) {
      for (const ulps of [-2.5, 0, 2.5, 10]) {
        expect(tanh(x, madd, ulps)).toBeLessThanOrEqual(1)
        expect(tanh(-x, madd, ulps)).toBe(-tanh(x, madd, ulps))
        expect(1 - tanh(x, madd, ulps)).toBeLessThan(5e-7)
      }
    }
    expect(tanh(0, madd)).toBe(0)
  })
})

test('the measurement sees a constant that is off by 1e-5', () => {
  const right = K.TANH_P5
  K.TANH_P5 = f(right * (1 + 1e-5))
  const worst = Math.max(...[...grid(0, 10, 10_000)].map((x) => Math.abs(tanh(x, separate) - Math.tanh(x))))
  K.TANH_P5 = right
  expect(worst).toBeGreaterThan(3.3e-7)
})
