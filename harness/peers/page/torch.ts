/** Transposes a matrix [rows][columns]: torch stores weights as [out][in], these libraries multiply by [in][out]. */
export function transposed(data: ArrayLike<number>, rows: number, columns: number): Float32Array {
  const result = new Float32Array(rows * columns)
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = data[r * columns + c]
  return result
}
