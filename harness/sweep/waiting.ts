/** The steps of a sweep that may begin and are not handed out: by rung and shape, so that batches are full. */
import type { Step } from './scheduler'

export interface Waiting {
  readonly size: number
  add(step: Step): void
  /** Also of a step that does not wait. */
  remove(step: Step): void
  has(step: Step): boolean
  /**
   * At most `most` steps, in the order in which they were added; they wait until they are removed, and are not taken
   * again. All are of the highest rung that has one, and there of the shape of the smallest trial that is next.
   */
  take(most: number): Step[]
}

interface Group {
  trials: number[]
  /** All before this place are taken. */
  at: number
}

/** @param shapeOf Equal for trials that can be trained side by side. */
export function makeWaiting(rungs: number, shapeOf: (trial: number) => number): Waiting {
  const keyOf = ({ trial, rung }: Step): number => trial * rungs + rung
  const steps = new Set<number>()
  const groups = Array.from({ length: rungs }, () => new Map<number, Group>())

  /** Past those that do not wait any more. @returns The next trial. */
  const next = (group: Group, rung: number): number | undefined => {
    const { trials } = group
    while (group.at < trials.length && !steps.has(keyOf({ trial: trials[group.at], rung }))) group.at++
    return trials[group.at]
  }
  const firstGroup = (rung: number): Group | undefined => {
    let [first, least] = [undefined as Group | undefined, Number.POSITIVE_INFINITY]
    for (const [shape, group] of groups[rung]) {
      const trial = next(group, rung)
      if (trial === undefined) groups[rung].delete(shape)
      else if (trial < least) [first, least] = [group, trial]
    }
    return first
  }
  return {
    get size() {
      return steps.size
    },
    add(step) {
      const { trial, rung } = step
      steps.add(keyOf(step))
      const shape = shapeOf(trial)
      const group = groups[rung].get(shape)
      if (group) group.trials.push(trial)
      else groups[rung].set(shape, { trials: [trial], at: 0 })
    },
    remove(step) {
      steps.delete(keyOf(step))
    },
    has: (step) => steps.has(keyOf(step)),
    take(most) {
      const taken: Step[] = []
      for (let rung = rungs - 1; rung >= 0 && taken.length === 0; rung--) {
        const group = firstGroup(rung)
        if (!group) continue
        for (let trial = next(group, rung); trial !== undefined && taken.length < most; trial = next(group, rung)) {
          taken.push({ trial, rung })
          group.at++
        }
      }
      return taken
    },
  }
}
