/** The innermost loops of a compiled program that do the matrix products: instructions for each multiply-add. */
import type { Listing } from './families'

/** A loop with fewer multiplications of floats, or more instructions for each, is no matrix product. */
const FEWEST = 16
const MOST_INSTRUCTIONS = 8

/** A straight piece of the program: its lines, and the blocks that may follow. */
interface Block {
  lines: string[]
  next: number[]
}

export interface Loop {
  instructions: number
  multiplies: number
  special: boolean
}

/** `(rpt3)` repeats an instruction three times more, on Adreno. */
const repeats = (line: string): number => 1 + Number(/\(rpt(\d)\)/.exec(line)?.[1] ?? 0)

/** A block ends before a label and after a branch. */
function blocksOf(text: string, { label, branch, leaves }: Listing): Block[] {
  const blocks: { lines: string[]; to: string[]; goesOn: boolean }[] = []
  const starts = new Map<string, number>()
  let open = false
  for (const line of text.split('\n')) {
    const name = label.exec(line)?.[1]
    if (name || !open) blocks.push({ lines: [], to: [], goesOn: true })
    open = true
    const block = blocks.at(-1)!
    if (name) starts.set(name, blocks.length - 1)
    else block.lines.push(line)
    const target = branch.exec(line)?.[1]
    if (target) block.to.push(target)
    if (leaves.test(line)) block.goesOn = false
    if (target || leaves.test(line)) open = false
  }
  return blocks.map(({ lines, to, goesOn }, i) => {
    const next = to.flatMap((name) => starts.get(name) ?? [])
    if (goesOn && i + 1 < blocks.length) next.push(i + 1)
    return { lines, next }
  })
}

/** The blocks of each loop, by its first: those from which its branches back are reached without leaving it. */
function loopsOf(blocks: Block[]): Map<number, Set<number>> {
  const before: number[][] = blocks.map(() => [])
  for (const [i, { next }] of blocks.entries()) for (const n of next) before[n].push(i)
  const loops = new Map<number, Set<number>>()
  for (const [i, { next }] of blocks.entries()) {
    for (const first of next.filter((n) => n <= i)) {
      const body = loops.get(first) ?? new Set([first])
      const open = [i]
      for (let at = open.pop(); at !== undefined; at = open.pop()) {
        if (body.has(at)) continue
        body.add(at)
        for (const other of before[at]) open.push(other)
      }
      loops.set(first, body)
    }
  }
  return loops
}

/** The loops that contain no other loop. */
export function innermostLoops(text: string, listing: Listing): Loop[] {
  const blocks = blocksOf(text, listing)
  const loops = loopsOf(blocks)
  const inner = [...loops].filter(
    ([first, body]) => ![...loops.keys()].some((other) => other !== first && body.has(other)),
  )
  return inner.map(([, body]) => {
    const lines = [...body].flatMap((i) => blocks[i].lines).filter((line) => listing.instruction.test(line))
    const sum = (count: (line: string) => number): number => lines.reduce((total, line) => total + count(line), 0)
    return {
      instructions: sum(repeats),
      multiplies: sum((line) => repeats(line) * (line.match(listing.multiply)?.length ?? 0)),
      special: lines.some((line) => listing.special.test(line)),
    }
  })
}

/**
 * Instructions for each multiply-add in the loops of the matrix products together: 1 is the least, where no instruction does
 * two. A multiplication and an addition of their own count as one multiply-add. Null for a program without such loops.
 */
export function instructionsPerMultiply(text: string, listing: Listing): number | null {
  const loops = innermostLoops(text, listing).filter(
    ({ multiplies, instructions, special }) =>
      !special && multiplies >= FEWEST && instructions <= MOST_INSTRUCTIONS * multiplies,
  )
  const sum = (key: 'instructions' | 'multiplies'): number => loops.reduce((total, loop) => total + loop[key], 0)
  return loops.length === 0 ? null : sum('instructions') / sum('multiplies')
}
