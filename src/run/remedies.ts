/** Options that would make a run fit, each with its largest value that does. */

import { derivedSizes, type PpoConfig } from '../config/config'
import { type NetworkShape, networkShape } from '../model/network'
import type { Adapter } from '../plan/adapterclass'
import { type PlanOptions, planRun, type RunPlan } from '../plan/runplan'

/** An option that may make a run smaller: `count` values below the present one, in ascending order. */
interface Remedy {
  option: string
  count: number
  value(i: number): number | string
  with(value: number | string): PlanOptions
}

/** The options that alone make `fits` true, each with its largest such value. */
export function remedies(adapter: Adapter, options: PlanOptions, fits: (plan: RunPlan) => boolean) {
  const works = (remedy: Remedy, i: number): boolean => fits(planRun(adapter, remedy.with(remedy.value(i))))
  const found = remediesOf(options).flatMap((remedy) => {
    if (remedy.count < 1 || !works(remedy, 0)) return []
    let [low, high] = [0, remedy.count] // the value at `low` fits, the one at `high` does not
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (works(remedy, middle)) low = middle
      else high = middle
    }
    const value = remedy.value(low)
    return [
      { option: remedy.option, advice: `${remedy.option} ${typeof value === 'number' ? 'at most ' : ''}${value}` },
    ]
  })
  if (found.length === 0) return { option: null, advice: null }
  const list = found.map(({ advice }) => advice)
  return { option: found[0].option, advice: `Use ${list.join(', or ')}.` }
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

function remediesOf(options: PlanOptions): Remedy[] {
  const { config, shape, spec } = options
  const { numAgents, numEnvs, numSteps, numMinibatches, updateEpochs, frameStack } = config
  const changed = (change: Partial<PpoConfig>): PlanOptions => ({ ...options, config: { ...config, ...change } })
  const number = (option: 'numAgents' | 'updateEpochs'): Remedy => ({
    option,
    count: config[option] - 1,
    value: (i) => i + 1,
    with: (value) => changed({ [option]: value }),
  })
  /** Sizes with whole minibatches of at least two samples. */
  const size = (option: 'numEnvs' | 'numSteps', other: number): Remedy => {
    const unit = numMinibatches / gcd(numMinibatches, other)
    const first = unit * other < 2 * numMinibatches ? 2 : 1
    return {
      option,
      count: Math.ceil(config[option] / unit) - first,
      value: (i) => (i + first) * unit,
      with: (value) => changed({ [option]: value }),
    }
  }
  const narrow = (hidden: number[], width: number) => hidden.map((own) => Math.min(own, width))
  const { batchSize } = derivedSizes(config)
  const divisors = numMinibatches > 1 ? divisorsBelow(batchSize, numMinibatches) : []
  return [
    ...(numAgents > 1 ? [number('numAgents')] : []),
    size('numEnvs', numSteps),
    size('numSteps', numEnvs),
    {
      option: 'hidden',
      count: Math.max(0, ...shape.actorHidden, ...shape.criticHidden) - 1,
      value: (i) => i + 1,
      with: (value) => {
        const [actorHidden, criticHidden] = [shape.actorHidden, shape.criticHidden].map((h) =>
          narrow(h, value as number),
        )
        const narrowed: NetworkShape = { ...shape, actorHidden, criticHidden }
        return { ...changed({ actorHidden, criticHidden }), shape: narrowed }
      },
    },
    ...(spec && frameStack > 1
      ? [
          {
            option: 'frameStack',
            count: frameStack - 1,
            value: (i: number) => i + 1,
            with: (value: number | string): PlanOptions => {
              const stacked = changed({ frameStack: value as number })
              return { ...stacked, shape: networkShape(spec, stacked.config) }
            },
          },
        ]
      : []),
    ...(updateEpochs > 1 ? [number('updateEpochs')] : []),
    {
      option: 'numMinibatches',
      count: divisors.length,
      value: (i) => divisors[i],
      with: (value) => changed({ numMinibatches: value as number }),
    },
    {
      option: 'plan',
      count: config.plan === 'layered' ? 0 : 1,
      value: () => 'layered',
      with: () => changed({ plan: 'layered' }),
    },
  ]
}

function divisorsBelow(n: number, end: number): number[] {
  const divisors: number[] = []
  for (let d = 1; d < end; d++) if (n % d === 0) divisors.push(d)
  return divisors
}
