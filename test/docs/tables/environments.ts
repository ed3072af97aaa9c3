/** Environments, and the results of learning in them: harness/results/learn-<id>.json, written by `npm run learn`, with "_" for "/". */
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
  wallSeconds: number
  plan: string
  adapter: string
  interrupted: boolean
  seeds: number[]
  config: { totalTimesteps: number }
  source: { commit: string; date: string; browser: string | null; cores: number }
}

const root = new URL('../../../', import.meta.url)
const learntFile = (id: string, as = 'json'): string => `harness/results/learn-${id.replace('/', '_')}.${as}`

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

/** Mean and deviation over the seeds; of a single one there is no deviation. */
const score = ({ evalReturn, evalReturnStd, seeds }: Learnt): string =>
  seeds.length > 1 ? `${evalReturn.toFixed(1)} +- ${evalReturnStd.toFixed(1)}` : `${evalReturn.toFixed(1)}, one seed`
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
  const range = solved.length === 1 ? grouped(solved[0]) : `${grouped(solved[0])} to ${grouped(solved.at(-1)!)}`
  return solved.length === solvedAt.length ? range : `${range} (${solved.length} of ${solvedAt.length})`
}

export function sizesTable(): string {
  const rows = ENVS.map((spec) => [
    link(spec, '../'),
    ...sizes(spec),
    `${spec.maxEpisodeSteps ?? 'none'}`,
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
        `[${spec.id}](../${learntFile(spec.id, 'svg')})`,
        score(found),
        evalReturns.map((value) => value.toFixed(1)).join(', '),
        solvedAfter(found),
        steps(found),
        `${where.join(', ')}; commit ${source.commit.slice(0, 7)}, ${source.date.slice(0, 10)}`,
      ],
    ]
  })
  return table(['environment and curve', 'return', 'of each seed', 'solved after', 'steps of each seed', 'where'], rows)
}

/**
 * Returns that others published for 1,000,000 steps: Schulman et al. 2017, read from figure 3; CleanRL's documents
 * (of training, `-v4`); Tianshou's benchmark (best evaluation, ten seeds); the rl-zoo of Stable-Baselines3 (one run).
 */
const PUBLISHED: Record<string, [paper: string, cleanrl: string, tianshou: string, zoo: string]> = {
  'HalfCheetah-v5': ['1800', '1443', '5784', '5819'],
  'Hopper-v5': ['2330', '2383', '2609', '2410'],
  'Walker2d-v5': ['3460', '2288', '3589', '3479'],
  'Swimmer-v5': ['108', '', '67', '282'],
  'Reacher-v5': ['-7', '', '-4.1', ''],
  'InvertedPendulum-v5': ['1000', '963', '1000', ''],
  'InvertedDoublePendulum-v5': ['8000', '', '9231', ''],
}

/** The tasks of the PPO paper: ours beside what others published. */
export function robotTable(): string {
  const rows = Object.entries(PUBLISHED).map(([id, published]) => {
    const found = learnt(id)
    const ours = found
      ? [score(found), `${(found.wallSeconds / 60 / found.seeds.length).toFixed(1)}`]
      : ['not measured', '']
    return [id, ...ours, ...published]
  })
  return table(['task', 'ours', 'minutes of a seed', 'paper, about', 'CleanRL', 'Tianshou', 'zoo'], rows)
}

/** `--preset paper` beside the height of the paper's curves at 1,000,000 steps. */
export function paperTable(): string {
  const rows = ['HalfCheetah-v5', 'Hopper-v5'].map((id) => {
    const found = learnt(`paper-${id}`)
    if (!found) return [id, 'not measured', '', PUBLISHED[id][0]]
    const curve = `[${id}](../harness/results/learn-paper-${id}.svg)`
    return [curve, score(found), found.evalReturns.map((value) => value.toFixed(1)).join(', '), PUBLISHED[id][0]]
  })
  return table(['task and curve', 'ours', 'of each seed', 'paper, about'], rows)
}
