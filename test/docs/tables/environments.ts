/** Environments, and the results of learning in them: harness/results/learn-<id>.json, written by `npm run learn`. */
import { existsSync, readFileSync } from 'node:fs'
import { ENVS } from '../../../envs/registry'
import { type EnvSpec, obsDim } from '../../../src/env/contract'
import { grouped, table } from '../markdown'

interface Learnt {
  evalReturn: number
  evalReturnStd: number
  evalReturns: number[]
  solvedAt: (number | null)[]
  timesteps: number
  plan: string
  adapter: string
  interrupted: boolean
  seeds: number[]
  config: { totalTimesteps: number }
  source: { commit: string; date: string; browser: string | null; cores: number }
}

const root = new URL('../../../', import.meta.url)
const learntFile = (id: string): string => `harness/results/learn-${id}.json`

function learnt(id: string): Learnt | undefined {
  const file = new URL(learntFile(id), root)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

function actions({ actionSpace: space }: EnvSpec): string {
  if (space.kind === 'discrete') return `${space.n} discrete`
  return space.kind === 'box' ? `box of ${space.low.length}` : `choices of ${space.nvec.join(', ')}`
}

/** `CartPole-v1` as a link to the folder's page, from a page `up` folders below the root. */
const link = ({ id, wgslFile }: EnvSpec, up: string): string =>
  `[${id}](${up}${wgslFile.replace(/[^/]+$/, 'README.md')})`

const sizes = (spec: EnvSpec): string[] => [`${obsDim(spec)}`, actions(spec)]

/** `79,053`, or `860,160 of 1,000,000` where the run was interrupted. */
const steps = ({ timesteps, interrupted, config }: Learnt): string =>
  interrupted ? `${grouped(timesteps)} of ${grouped(config.totalTimesteps)}` : grouped(timesteps)

const score = ({ evalReturn, evalReturnStd }: Learnt): string =>
  `${evalReturn.toFixed(1)} +- ${evalReturnStd.toFixed(1)}`
const on = ({ plan, adapter }: Learnt): string => (plan === 'reference' ? 'CPU reference' : adapter)

export function environmentTable(): string {
  const rows = ENVS.map((spec) => {
    const found = learnt(spec.id)
    const measured = found ? [score(found), steps(found), on(found)] : ['not measured', '', '']
    return [link(spec, ''), ...sizes(spec), `${spec.rewardThreshold ?? 'none'}`, ...measured]
  })
  return table(['environment', 'observations', 'actions', 'solved at', 'return', 'steps of each seed', 'on'], rows)
}

/** From the fewest to the most steps that a seed took until it was solved. */
function solvedAfter({ solvedAt }: Learnt): string {
  const solved = solvedAt.filter((at) => at !== null).sort((a, b) => a - b)
  if (solved.length === 0) return 'none'
  const range = `${grouped(solved[0])} to ${grouped(solved.at(-1)!)}`
  return solved.length === solvedAt.length ? range : `${range} (${solved.length} of ${solvedAt.length})`
}

export function sizesTable(): string {
  const rows = ENVS.map((spec) => [
    link(spec, '../'),
    ...sizes(spec),
    `${spec.maxEpisodeSteps}`,
    `${spec.rewardThreshold ?? 'none'}`,
  ])
  return table(['environment', 'observations', 'actions', 'time limit', 'solved at'], rows)
}

export function returnTable(): string {
  const rows = ENVS.flatMap((spec) => {
    const found = learnt(spec.id)
    if (!found) return []
    const { evalReturns, source, plan } = found
    const where = [on(found), ...(plan === 'reference' ? [] : [`${plan} plan`, source.browser])]
    return [
      [
        `[${spec.id}](../harness/results/learn-${spec.id}.svg)`,
        score(found),
        evalReturns.map((value) => value.toFixed(1)).join(', '),
        solvedAfter(found),
        steps(found),
        `${where.join(', ')}; commit ${source.commit.slice(0, 7)}, ${source.date.slice(0, 10)}`,
      ],
    ]
  })
  return table(
    ['environment and curve', 'return', 'of seeds 1 to 5', 'solved after', 'steps of each seed', 'where'],
    rows,
  )
}
