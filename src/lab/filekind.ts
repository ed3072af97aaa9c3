/** What a file is that is not a policy: from its first bytes, for the message to the user who chose it. */
import { CHECKPOINT_FORMAT, DUMP_FORMAT, POLICY_FORMAT } from '../files/formats'

const ascii = (bytes: Uint8Array, from: number, to = bytes.length): string =>
  Array.from(bytes.subarray(from, to), (byte) => String.fromCharCode(byte)).join('')

/** First bytes, as characters, and what begins with them. */
const BEGINNINGS: [start: string, what: string][] = [
  ['\x89PNG', 'an image (PNG)'],
  ['\xff\xd8\xff', 'an image (JPEG)'],
  ['GIF8', 'an image (GIF)'],
  ['BM', 'an image (BMP)'],
  ['II*\0', 'an image (TIFF)'],
  ['MM\0*', 'an image (TIFF)'],
  ['%PDF', 'a PDF document'],
  ['\x1f\x8b', 'a compressed file (gzip); unpack it first'],
  ['BZh', 'a compressed file (bzip2); unpack it first'],
  ['\xfd7zXZ', 'a compressed file (xz); unpack it first'],
  ['(\xb5/\xfd', 'a compressed file (zstd); unpack it first'],
  ['7z\xbc\xaf', 'a 7-Zip archive; unpack it first'],
  ['Rar!', 'a RAR archive; unpack it first'],
  ['\x93NUMPY', 'a NumPy array (.npy)'],
  ['\x89HDF', 'an HDF5 file (a Keras model?)'],
  ['GGUF', 'a GGUF language model'],
  ['\x00asm', 'a WebAssembly module'],
  ['\x7fELF', 'a program'],
  ['MZ', 'a program'],
  ['\xff\xfe', 'a text in UTF-16'],
  ['\xfe\xff', 'a text in UTF-16'],
  ['\x1aE\xdf\xa3', 'a video'],
]

const ADVICE = 'Choose the policy.safetensors of a run, or a file from Save.'

/** `This is an image (PNG), not a policy. Choose ...`; undefined for what may be a policy. */
export function whyNotPolicy(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return `The file is empty. ${ADVICE}`
  const tensors = headerOf(bytes)
  if (tensors) return whyNotThese(tensors, bytes.length)
  return `This ${kindOf(bytes)}, not a policy. ${ADVICE}`
}

function kindOf(bytes: Uint8Array): string {
  const start = ascii(bytes, 0, 16)
  const found = BEGINNINGS.find(([beginning]) => start.startsWith(beginning))
  if (found) return `is ${found[1]}`
  if (start.startsWith('PK')) return zipKind(bytes)
  if (start.startsWith('RIFF')) return start.slice(8, 12) === 'WEBP' ? 'is an image (WebP)' : 'is a sound or video'
  if (start.slice(4, 8) === 'ftyp') return /avif|heic|mif1/.test(start) ? 'is an image' : 'is a video'
  if (start.slice(4, 8) === 'TFL3') return 'is a TensorFlow Lite model'
  if (bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5) return 'is a Python pickle (an old PyTorch file?)'
  if (ascii(bytes, 257, 262) === 'ustar') return 'is a tar archive; unpack it first'
  if (isOnnx(bytes)) return 'is an ONNX model'
  if (isEvents(bytes)) return 'is an event file of TensorBoard'
  return textKind(bytes) ?? `begins with bytes ${hex(bytes)}, which is no safetensors file`
}

const hex = (bytes: Uint8Array): string =>
  [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')

/** The names of a ZIP's files stand in it as they are. */
function zipKind(bytes: Uint8Array): string {
  const names = ascii(bytes, 0, 4096) + ascii(bytes, Math.max(0, bytes.length - 4096))
  if (/policy\.pth|stable_baselines3|pytorch_variables/.test(names)) return 'is a ZIP of Stable-Baselines3'
  if (/data\.pkl|\/version/.test(names)) return 'is a ZIP of PyTorch'
  if (/\.npy/.test(names)) return 'is a ZIP of NumPy arrays (.npz)'
  if (/saved_model|keras|\.weights\.h5/.test(names)) return 'is a ZIP of Keras'
  return 'is a ZIP (a PyTorch or Stable-Baselines3 file?)'
}

/** A protobuf that begins with the version of its format, then with the name of the program that made it, or a graph. */
function isOnnx(bytes: Uint8Array): boolean {
  const [field, version, next] = bytes
  return field === 0x08 && version > 0 && version < 0x20 && [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].includes(next)
}

/** Records of a length, its checksum, and an event, which begins with its time. */
const isEvents = (bytes: Uint8Array): boolean =>
  bytes.length > 21 && bytes[0] > 8 && bytes.subarray(1, 8).every((byte) => byte === 0) && bytes[12] === 0x09

function textKind(bytes: Uint8Array): string | undefined {
  let text: string
  try {
    // The end may cut a character in two.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, 65_536), { stream: true }).trim()
  } catch {
    return undefined
  }
  if (text === '') return 'holds only white space'
  if (bytes.subarray(0, 65_536).some((byte) => byte < 9)) return undefined // not in texts
  if (/^<svg|^<\?xml[\s\S]*<svg/i.test(text)) return 'is an image (SVG)'
  if (text.startsWith('<')) return 'looks like a web page or XML'
  if (/^[[{]/.test(text)) return text.includes('\n{') ? 'looks like JSON, one object per line' : 'looks like JSON'
  if (text.startsWith('version https://git-lfs')) return 'is a pointer of Git LFS; get the file itself'
  if (/^[\w ."-]+(,[\w ."-]*)+$/m.test(text.split('\n')[0])) return 'looks like a table (CSV)'
  return 'looks like text'
}

interface TensorHeader {
  metadata: Record<string, unknown>
  /** Bytes that the whole file should have. */
  size: number
}

/** The header of a safetensors file, as far as it is there; undefined for another kind of file. */
function headerOf(bytes: Uint8Array): TensorHeader | undefined {
  if (bytes.length < 9) return undefined
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true))
  if (length > 2 ** 27 || bytes[8] !== 0x7b) return undefined
  if (8 + length > bytes.length) return { metadata: {}, size: 8 + length }
  try {
    const { __metadata__: metadata, ...tensors } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
    const ends = Object.values(tensors as Record<string, { data_offsets: number[] }>).map((t) => t.data_offsets[1])
    return { metadata: metadata ?? {}, size: 8 + length + ends.reduce((a, b) => Math.max(a, b), 0) }
  } catch {
    return { metadata: { format: POLICY_FORMAT }, size: bytes.length } // the reader says what is wrong with it
  }
}

function whyNotThese({ metadata, size }: TensorHeader, given: number): string | undefined {
  if (given < size)
    return `The safetensors file was cut off: it has ${given} of at least ${size} bytes. Copy or download it again.`
  if (metadata.format === POLICY_FORMAT) return undefined
  if (metadata.format === CHECKPOINT_FORMAT)
    return 'This is a checkpoint, not a policy: it holds a whole run. Choose the policy.safetensors beside it.'
  if (metadata.format === DUMP_FORMAT) return `This is a dump of a fault, not a policy. ${ADVICE}`
  return `This is a safetensors file of another program, not a policy of this one. ${ADVICE}`
}
