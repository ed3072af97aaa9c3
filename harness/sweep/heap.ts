/** A priority queue of whole numbers: the smallest by `before` first; `push` and `pop` take O(log n). */
export interface Heap {
  readonly size: number
  /** Undefined if it is empty. */
  peek(): number | undefined
  pop(): number | undefined
  push(item: number): void
}

export function createHeap(before: (a: number, b: number) => boolean): Heap {
  const items: number[] = []
  const swap = (i: number, k: number): void => {
    const item = items[i]
    items[i] = items[k]
    items[k] = item
  }
  const sink = (): void => {
    for (let i = 0; ; ) {
      let first = i
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < items.length && before(items[child], items[first])) first = child
      }
      if (first === i) return
      swap(i, first)
      i = first
    }
  }
  return {
    get size() {
      return items.length
    },
    peek: () => items[0],
    push(item) {
      let i = items.push(item) - 1
      for (let up = (i - 1) >> 1; i > 0 && before(items[i], items[up]); up = (i - 1) >> 1) {
        swap(i, up)
        i = up
      }
    },
    pop() {
      const top = items[0]
      const last = items.pop()
      if (items.length > 0) {
        items[0] = last!
        sink()
      }
      return top
    },
  }
}
