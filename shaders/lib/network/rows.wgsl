// Eight rows of a batch, which a thread of a matrix product computes together.

// Offsets of 8 rows.
struct Rows {
  low: vec4u,
  high: vec4u,
}

// Offsets of rows `first` to `first + 7`; those past the end repeat the last row.
fn row_offsets(first: u32, rows: u32, base: u32, stride: u32) -> Rows {
  let last = vec4u(rows - 1u);
  let low = vec4u(first) + vec4u(0u, 1u, 2u, 3u);
  return Rows(base + min(low, last) * stride, base + min(low + 4u, last) * stride);
}
