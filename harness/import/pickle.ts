/**
 * Reads a pickle (Python's `pickletools`, protocols 2 to 5) as data. The machine knows the few opcodes that `torch.save`
 * writes for tensors; names and calls are handed to its caller, who knows a handful of them; nothing is ever looked up
 * or run. Everything else is refused. Work and memory are at most proportional to the bytes: values share their parts
 * and are never copied or walked through.
 */
import { Dict, depthOf, kindOf, List, Name, PickleError, Tuple, type Value } from './values'

export interface Calls {
  /** @throws PickleError for all that it does not know. */
  call(name: string, args: Value[]): Value
  persistent(id: Value): Value
}

/** The most bytes. */
export const MOST_PICKLE = 2 ** 20
const MOST_DEPTH = 32

/** @throws PickleError */
export function readPickle(bytes: Uint8Array, calls: Calls): Value {
  if (bytes.length > MOST_PICKLE) throw new PickleError(`is ${bytes.length} bytes, more than ${MOST_PICKLE}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const stack: Value[] = []
  const marks: number[] = []
  const memo = new Map<number, Value>()
  let at = 0
  let opcodeAt = 0

  const fail: (what: string) => never = (what) => {
    throw new PickleError(`${what}, at byte ${opcodeAt}`)
  }
  const take = (length: number): number => {
    if (at + length > bytes.length) fail('ends in the middle')
    at += length
    return at - length
  }
  const text = (length: number): string => {
    const start = take(length)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(start, start + length))
    } catch {
      return fail('has a text that is not UTF-8')
    }
  }
  const line = (): string => {
    const end = bytes.indexOf(0x0a, at)
    if (end < 0 || end - at > 200) fail('has a name without an end')
    const found = text(end - at)
    at = end + 1
    return found
  }
  const pop = (): Value => {
    const value = stack.length > (marks.at(-1) ?? 0) ? stack.pop() : undefined
    return value === undefined ? fail('takes a value that is not there') : value
  }
  const popMarked = (): Value[] => {
    const mark = marks.pop()
    return mark === undefined ? fail('takes a mark that is not there') : stack.splice(mark)
  }
  const deeper = (inside: readonly Value[], depth = 0): number => {
    let most = depth
    for (const value of inside) most = Math.max(most, depthOf(value) + 1)
    return most > MOST_DEPTH ? fail(`is nested more than ${MOST_DEPTH} deep`) : most
  }
  const tuple = (items: Value[]): void => void stack.push(new Tuple(items, deeper(items, 1)))
  const popMany = (count: number): Value[] => Array.from({ length: count }, pop).reverse()
  const put = (index: number): void => {
    const value = stack.at(-1)
    memo.set(index, value === undefined ? fail('stores a value that is not there') : value)
  }
  const get = (index: number): void => {
    const value = memo.get(index)
    stack.push(value === undefined ? fail(`takes ${index} from its memo, which has no such entry`) : value)
  }
  const setItems = (items: Value[]): void => {
    const dict = pop()
    if (!(dict instanceof Dict) || items.length % 2 !== 0) fail(`sets items of ${kindOf(dict)}`)
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i]
      if (typeof key !== 'string') fail(`has the key ${kindOf(key)}, which is not a text`)
      dict.items.set(key, items[i + 1])
      dict.depth = deeper([items[i + 1]], dict.depth)
    }
    stack.push(dict)
  }
  const append = (items: Value[]): void => {
    const list = pop()
    if (!(list instanceof List)) fail(`appends to ${kindOf(list)}`)
    for (const item of items) list.items.push(item)
    list.depth = deeper(items, list.depth)
    stack.push(list)
  }
  const call = (): void => {
    const [name, args] = popMany(2)
    if (!(name instanceof Name) || !(args instanceof Tuple)) fail(`calls ${kindOf(name)}`)
    stack.push(calls.call(name.text, args.items))
  }
  /** PyTorch gives a state_dict `_metadata`, versions of its modules. */
  const build = (): void => {
    const [target, state] = popMany(2)
    const isMetadata = state instanceof Dict && state.items.size === 1 && state.items.has('_metadata')
    if (!(target instanceof Dict && target.isOrdered && isMetadata)) fail(`sets the state of ${kindOf(target)}`)
    stack.push(target)
  }
  const long = (length: number): number => {
    if (length > 8) fail('has a whole number of more than 8 bytes')
    let value = 0n
    const start = take(length)
    for (let i = 0; i < length; i++) value |= BigInt(bytes[start + i]) << BigInt(8 * i)
    const signed = Number(BigInt.asIntN(8 * length, value))
    return Number.isSafeInteger(signed) ? signed : fail('has a whole number beyond 2^53')
  }
  const named = (): void => {
    const [module, name] = popMany(2)
    if (typeof module !== 'string' || typeof name !== 'string') fail('has a name that is not a text')
    stack.push(new Name(`${module} ${name}`))
  }

  const opcodes: Record<number, () => void> = {
    128: () => void (view.getUint8(take(1)) > 5 && fail('is of a protocol after 5')), // PROTO
    149: () => void take(8), // FRAME
    40: () => void (marks.push(stack.length) > MOST_DEPTH && fail(`is nested more than ${MOST_DEPTH} deep`)), // MARK
    41: () => tuple([]), // EMPTY_TUPLE
    116: () => tuple(popMarked()), // TUPLE
    133: () => tuple(popMany(1)),
    134: () => tuple(popMany(2)),
    135: () => tuple(popMany(3)),
    125: () => void stack.push(new Dict(false)), // EMPTY_DICT
    93: () => void stack.push(new List([], 1)), // EMPTY_LIST
    97: () => append([pop()]), // APPEND
    101: () => append(popMarked()), // APPENDS
    115: () => setItems(popMany(2)), // SETITEM
    117: () => setItems(popMarked()), // SETITEMS
    78: () => void stack.push(null), // NONE
    136: () => void stack.push(true), // NEWTRUE
    137: () => void stack.push(false), // NEWFALSE
    74: () => void stack.push(view.getInt32(take(4), true)), // BININT
    75: () => void stack.push(view.getUint8(take(1))), // BININT1
    77: () => void stack.push(view.getUint16(take(2), true)), // BININT2
    138: () => void stack.push(long(view.getUint8(take(1)))), // LONG1
    71: () => void stack.push(view.getFloat64(take(8), false)), // BINFLOAT
    88: () => void stack.push(text(view.getUint32(take(4), true))), // BINUNICODE
    140: () => void stack.push(text(view.getUint8(take(1)))), // SHORT_BINUNICODE
    113: () => put(view.getUint8(take(1))), // BINPUT
    114: () => put(view.getUint32(take(4), true)), // LONG_BINPUT
    148: () => put(memo.size), // MEMOIZE
    104: () => get(view.getUint8(take(1))), // BINGET
    106: () => get(view.getUint32(take(4), true)), // LONG_BINGET
    99: () => void stack.push(new Name(`${line()} ${line()}`)), // GLOBAL
    147: named, // STACK_GLOBAL
    81: () => void stack.push(calls.persistent(pop())), // BINPERSID
    82: call, // REDUCE
    98: build, // BUILD
  }
  const STOP = 46
  for (;;) {
    opcodeAt = at
    const opcode = bytes[take(1)]
    if (opcode === STOP) break
    const run = opcodes[opcode]
    if (!run) fail(`has the opcode ${opcode} (${JSON.stringify(String.fromCharCode(opcode))}), which no tensor needs`)
    try {
      run()
    } catch (error) {
      if (error instanceof PickleError && !error.message.includes(', at byte ')) fail(error.message)
      throw error
    }
  }
  if (stack.length !== 1 || marks.length > 0) fail(`ends with ${stack.length} values in place of one`)
  if (at !== bytes.length) fail('has more bytes after its end')
  return stack[0]
}
