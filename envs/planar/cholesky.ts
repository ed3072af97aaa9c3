/** Solves A x = b for a positive definite A [n][n] by Cholesky's decomposition; A and b are overwritten, b by x. */
export function solveInPlace(A: Float64Array, b: Float64Array): Float64Array {
  const n = b.length
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = A[i * n + j]
      for (let k = 0; k < j; k++) sum -= A[i * n + k] * A[j * n + k]
      A[i * n + j] = i === j ? Math.sqrt(sum) : sum / A[j * n + j]
    }
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) b[i] -= A[i * n + k] * b[k]
    b[i] /= A[i * n + i]
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) b[i] -= A[k * n + i] * b[k]
    b[i] /= A[i * n + i]
  }
  return b
}

/** A v. */
export function times(A: Float64Array, v: ArrayLike<number>): Float64Array {
  const n = v.length
  const product = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) product[i] += A[i * n + j] * v[j]
  }
  return product
}

export function dotProduct(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j]
  return sum
}
