/**
 * The tensors of a file of `torch.save` (PyTorch 1.6 and later): a ZIP with the pickle `data.pkl`, and one entry for each
 * storage. https://docs.pytorch.org/docs/stable/notes/serialization.html
 */
import type { Tensor } from '../../src/files/safetensors'
import { BYTES, type Dtype, readNumbers, type TensorData } from '../../src/files/tensordata'
import { MOST_PICKLE, readPickle } from './pickle'
import { refuse } from './refuse'
import { Dict, kindOf, Made, Name, PickleError, Tuple, type Value } from './values'
import { isZip, openZip, type Zip } from './zip'

const STORAGES: Readonly<Record<string, Dtype>> = {
  ...{ 'torch FloatStorage': 'F32', 'torch DoubleStorage': 'F64', 'torch HalfStorage': 'F16' },
  ...{ 'torch BFloat16Storage': 'BF16', 'torch LongStorage': 'I64', 'torch IntStorage': 'I32' },
  ...{ 'torch ShortStorage': 'I16', 'torch CharStorage': 'I8', 'torch ByteStorage': 'U8', 'torch BoolStorage': 'BOOL' },
}

class StorageName extends Made {
  readonly kind = 'a storage'
  constructor(
    readonly dtype: Dtype,
    readonly key: string,
    readonly count: number,
  ) {
    super()
  }
}

/** A view of a storage. */
class View extends Made {
  readonly kind = 'a tensor'
  constructor(
    readonly storage: StorageName,
    readonly offset: number,
    readonly shape: number[],
    readonly strides: number[],
  ) {
    super()
  }
}

const MOST_TENSORS = 1000
/** Elements of all tensors together. */
const MOST_ELEMENTS = 2 ** 26
const isCount = (value: Value | undefined): value is number => Number.isSafeInteger(value) && (value as number) >= 0

function counts(value: Value | undefined, what: string): number[] {
  const items = value instanceof Tuple ? value.items : [null]
  if (items.length <= 8 && items.every(isCount)) return items as number[]
  throw new PickleError(`has a tensor whose ${what} is not a tuple of at most 8 whole numbers from 0`)
}

function viewOf([storage, offset, size, stride]: Value[]): View {
  if (!(storage instanceof StorageName)) throw new PickleError(`makes a tensor of ${kindOf(storage)}`)
  const [shape, strides] = [counts(size, 'shape'), counts(stride, 'strides')]
  if (!isCount(offset) || shape.length !== strides.length) {
    throw new PickleError(
      `has a tensor of ${shape.length} sizes, ${strides.length} strides and offset ${kindOf(offset)}`,
    )
  }
  const elements = shape.reduce((a, b) => a * b, 1)
  const last = shape.reduce((sum, n, i) => sum + (n - 1) * strides[i], offset)
  if (elements > storage.count || (elements > 0 && last >= storage.count)) {
    throw new PickleError(
      `has a tensor [${shape}] with strides [${strides}] from ${offset}, which leaves its storage of ${storage.count}`,
    )
  }
  return new View(storage, offset, shape, strides)
}

const CALLS: Readonly<Record<string, (args: Value[]) => Value>> = {
  'collections OrderedDict': (args) => {
    if (args.length > 0) throw new PickleError('makes an OrderedDict of values')
    return new Dict(true)
  },
  'torch._utils _rebuild_tensor_v2': viewOf,
  'torch._utils _rebuild_parameter': ([tensor]) => {
    if (!(tensor instanceof View)) throw new PickleError(`makes a parameter of ${kindOf(tensor)}`)
    return tensor
  },
}

function call(name: string, args: Value[]): Value {
  if (!Object.hasOwn(CALLS, name)) throw new PickleError(`calls ${name.slice(0, 200)}, which no tensor needs`)
  return CALLS[name](args)
}

/** `('storage', torch.FloatStorage, '0', 'cpu', 32)` */
function persistent(id: Value): Value {
  const [word, type, key, , count] = id instanceof Tuple ? id.items : []
  const dtype = type instanceof Name && Object.hasOwn(STORAGES, type.text) ? STORAGES[type.text] : undefined
  if (word !== 'storage' || typeof key !== 'string' || !/^\d{1,9}$/.test(key) || !isCount(count) || !dtype) {
    throw new PickleError(`has a storage of ${kindOf(type)} with the name ${kindOf(key)}, which is not known`)
  }
  return new StorageName(dtype, key, count)
}

const AGAIN = 'Save it again in PyTorch 1.6 or later: torch.save(model.state_dict(), file)'

/**
 * The state_dict in a file of `torch.save`.
 * @param where Its name, for messages.
 * @throws UsageError for anything else than named tensors.
 */
export function readStateDict(bytes: Uint8Array, where: string): Map<string, Tensor> {
  if (!isZip(bytes))
    refuse(where, 'is not a ZIP: it is of the format before PyTorch 1.6, or no file of torch.save', AGAIN)
  const zip = openZip(bytes, where)
  const pickles = zip.names.filter((name) => /^[^/]+\/data\.pkl$/.test(name))
  if (pickles.length !== 1) refuse(where, `has ${pickles.length} entries data.pkl, not one`, AGAIN)
  const [folder] = pickles[0].split('/')
  const order = zip.read(`${folder}/byteorder`, 100)
  if (order && new TextDecoder().decode(order) !== 'little') {
    refuse(where, 'has numbers in another byte order than little', 'Save it again on another machine')
  }
  const found = readViews(zip.read(pickles[0], MOST_PICKLE)!, `${where}/${pickles[0]}`)
  return gather(found, zip, folder, where)
}

function readViews(bytes: Uint8Array, where: string): Map<string, View> {
  const todo = 'Nothing in it was run. Give a file that holds tensors alone: torch.save(model.state_dict(), file)'
  let value: Value
  try {
    value = readPickle(bytes, { call, persistent })
  } catch (error) {
    if (error instanceof PickleError) return refuse(where, error.message, todo)
    throw error
  }
  if (!(value instanceof Dict)) return refuse(where, `holds ${kindOf(value)}, not a dict of tensors`, todo)
  if (value.items.size > MOST_TENSORS)
    refuse(where, `holds ${value.items.size} tensors, more than ${MOST_TENSORS}`, todo)
  const views = new Map<string, View>()
  let elements = 0
  for (const [name, item] of value.items) {
    if (!(item instanceof View)) return refuse(where, `${name.slice(0, 80)} is ${kindOf(item)}, not a tensor`, todo)
    elements += item.shape.reduce((a, b) => a * b, 1)
    views.set(name, item)
  }
  if (elements > MOST_ELEMENTS) refuse(where, `its tensors have ${elements} numbers, more than ${MOST_ELEMENTS}`, todo)
  return views
}

/** Copies each view out of its storage, row-major. */
function gather(views: Map<string, View>, zip: Zip, folder: string, where: string): Map<string, Tensor> {
  const storages = new Map<string, { dtype: Dtype; data: TensorData }>()
  const tensors = new Map<string, Tensor>()
  for (const [name, { storage, offset, shape, strides }] of views) {
    const { dtype, key, count } = storage
    const entry = `${folder}/data/${key}`
    const fail = (what: string): never => refuse(`${where}/${entry}`, what, AGAIN)
    let all = storages.get(key)
    if (!all) {
      const size = count * BYTES.get(dtype)!
      const bytes = zip.read(entry, size) ?? fail(`is missing, but ${JSON.stringify(name)} is in it`)
      if (bytes.length !== size) fail(`is ${bytes.length} bytes, not ${count} numbers of ${dtype}`)
      all = { dtype, data: readNumbers(dtype, bytes, fail) }
      storages.set(key, all)
    }
    if (all.dtype !== dtype || all.data.length !== count)
      fail(`is ${all.data.length} ${all.dtype}, and ${count} ${dtype}`)
    tensors.set(name, { dtype, shape, data: strided(all.data, offset, shape, strides) })
  }
  return tensors
}

function strided(all: TensorData, offset: number, shape: number[], strides: number[]): TensorData {
  const elements = shape.reduce((a, b) => a * b, 1)
  const data = all.slice(0, elements)
  for (let i = 0; i < elements; i++) {
    let at = offset
    let rest = i
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]) * strides[axis]
      rest = Math.floor(rest / shape[axis])
    }
    data[i] = all[at]
  }
  return data
}
