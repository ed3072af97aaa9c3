import type { Floats } from './floats'

/**
 * How much of the returns the critic foresaw: 1 - var(returns - values) / var(returns) over a batch. 1 is perfect, 0 no
 * better than a constant; null when the returns do not vary. `values` are those of the rollout (CleanRL).
 */
export function explainedVariance(returns: Floats, values: Floats, size: number): number | null {
  const varianceOf = (at: (i: number) => number): number => {
    let sum = 0
    for (let i = 0; i < size; i++) sum += at(i)
    const mean = sum / size
    let squares = 0
    for (let i = 0; i < size; i++) squares += (at(i) - mean) ** 2
    return squares / size
  }
  const total = varianceOf((i) => returns[i])
  if (total === 0) return null
  return 1 - varianceOf((i) => returns[i] - values[i]) / total
}
