import type { Floats } from '../model/floats'

/**
 * Returns that differ by less than the rounding error of advantages + values in f32 count as constant: their variance
 * is noise. The limit is 8 roundings of 2^-24, relative to the root mean square of returns and values, squared.
 */
const NO_VARIANCE = 2 ** -42

/**
 * How well the critic predicted the returns: 1 - var(returns - values) / var(returns) over a batch. 1 is perfect, 0 no
 * better than a constant; null if the returns do not vary. `values` are those of the rollout (CleanRL).
 */
export function explainedVariance(returns: Floats, values: Floats, size: number): number | null {
  const meanOf = (at: (i: number) => number): number => {
    let sum = 0
    for (let i = 0; i < size; i++) sum += at(i)
    return sum / size
  }
  const varianceOf = (at: (i: number) => number): number => {
    const mean = meanOf(at)
    return meanOf((i) => (at(i) - mean) ** 2)
  }
  const total = varianceOf((i) => returns[i])
  const scale = meanOf((i) => returns[i] ** 2) + meanOf((i) => values[i] ** 2)
  if (total <= NO_VARIANCE * scale) return null
  return 1 - varianceOf((i) => returns[i] - values[i]) / total
}
