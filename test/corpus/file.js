/** Safetensors files written by hand, right or wrong. */
export const utf8 = (text) => new TextEncoder().encode(text)

/**
 * A file from its header and its data.
 * @param {string | Uint8Array} header
 * @param {Uint8Array | number} data Bytes, or how many zeros.
 * @param {number | bigint | undefined} length What the file says of its header's length, unless it is the truth.
 */
export function file(header, data = 0, length = undefined) {
  const json = typeof header === 'string' ? utf8(header) : Uint8Array.from(header)
  const body = typeof data === 'number' ? new Uint8Array(data) : data
  const bytes = new Uint8Array(8 + json.length + body.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? json.length), true)
  bytes.set(json, 8)
  bytes.set(body, 8 + json.length)
  return bytes
}

/** The header's entry of one tensor. */
export const entry = (dtype, shape, offsets) =>
  `{"dtype":"${dtype}","shape":${JSON.stringify(shape)},"data_offsets":${JSON.stringify(offsets)}}`
