/** Files whose floats another program has stored in fewer bits, as with `.half()` or `.bfloat16()`. */
import { readSafetensors } from '../../src/files/safetensors'
import { file } from '../corpus/file.js'

/** BF16 is the upper half of an f32. */
const bf16 = (x: number): number => new Uint32Array(Float32Array.of(x).buffer)[0] >>> 16

/** Numbers of at most 11 bits, and no smaller than 2^-14. */
function f16(x: number): number {
  if (x === 0) return Object.is(x, -0) ? 0x8000 : 0
  const power = Math.floor(Math.log2(Math.abs(x)))
  const fraction = (Math.abs(x) / 2 ** power - 1) * 1024
  if (!Number.isInteger(fraction) || power < -14 || power > 15) throw new Error(`${x} is no F16`)
  return (x < 0 ? 0x8000 : 0) | ((power + 15) << 10) | fraction
}

/** `bytes` with the tensors that `which` names as `dtype`, without its checksum. */
export function narrowed(bytes: Uint8Array, dtype: 'F16' | 'BF16', which: (name: string) => boolean): Uint8Array {
  const { metadata, tensors } = readSafetensors(bytes)
  const header: Record<string, unknown> = { __metadata__: metadata }
  const parts: Uint8Array[] = []
  let end = 0
  for (const [name, tensor] of tensors) {
    const { data } = tensor
    const narrow = Uint16Array.from(data as Float32Array, dtype === 'F16' ? f16 : bf16)
    const own = which(name) ? narrow : data
    parts.push(new Uint8Array(own.buffer, own.byteOffset, own.byteLength))
    const begin = end
    end += own.byteLength
    header[name] = { dtype: which(name) ? dtype : tensor.dtype, shape: tensor.shape, data_offsets: [begin, end] }
  }
  return file(JSON.stringify(header), Buffer.concat(parts))
}
