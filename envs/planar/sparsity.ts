/** Which numbers of a robot's matrices are not 0, as lists for `//#repeat`. */
import type { Numbers } from '../../src/wgsl/numbers'
import { chain, type Frame } from './frames'

/**
 * A joint's column of the mass matrix is 0 but for its ancestors. The matrix is factored from the last row up, as in
 * MuJoCo, which fills in nothing but for pairs of capsules on different branches.
 * @param pairs The two frames of each pair of capsules that may touch.
 */
export function sparsity(frames: readonly Frame[], pairs: readonly [number, number][]): Record<string, Numbers> {
  const chains = frames.map((_, j) => chain(frames, j))
  /** Joints that move only the first, or only the second of a pair, from its frame upwards. */
  const moving = pairs.map((pair) =>
    pair.map((frame, side) => chains[frame].filter((f) => !chains[pair[1 - side]].includes(f))),
  )
  const paths = moving.map((sides) => sides.flat().sort((a, b) => b - a))
  const rows = chains.map((above) => new Set(above.slice(1)))
  for (const path of paths) for (const k of path) for (const i of path) if (i < k) rows[k].add(i)
  for (let k = rows.length - 1; k >= 0; k--) {
    for (const i of rows[k]) for (const j of rows[k]) if (j < i) rows[i].add(j)
  }
  const down = rows.map((row) => [...row].sort((a, b) => b - a))
  return {
    /** Of each joint, the joints from it upwards that have a parent. */
    CLIMB: chains.map((all) => all.slice(0, -1)),
    /** Columns of each row below the diagonal of the factored matrix, from the last; and of those, the ones before each. */
    ROW: down,
    ROW_BEFORE: down.map((row) => frames.map((_, i) => row.filter((j) => j < i))),
    PAIR_MOVES_FIRST: moving.map(([first]) => first),
    PAIR_MOVES_SECOND: moving.map(([, second]) => second),
    PAIR_PATH: paths,
    PAIR_UP_TO: paths.map((path) => frames.map((_, k) => path.filter((i) => i <= k))),
  }
}
