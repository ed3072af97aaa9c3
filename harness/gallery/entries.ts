/** The policies of the gallery: examples/gallery has a folder for each, and gallery.json says what they reach. */
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ENVS } from '../../envs/registry'
import type { EnvSpec } from '../../src/env/contract'
import { makePolicy } from '../../src/policy/policy'
import { UsageError } from '../cli/errors'
import { makeFolder, writeWhole } from '../disk/disk'
import { average, deviation } from '../figures/summary'
import { choosePolicy } from '../policies/best'
import { playedEnv } from '../policies/environment'
import { EVAL_SEED, evaluatePolicy } from '../policies/evaluate'
import { openPolicies, type PolicyOnDisk } from '../policies/policyfile'
import { trainCommand } from '../share/command'
import { policyBytes } from '../share/contents'

/** Of the evaluation, as in `eval`. */
const EPISODES = 100
const CURVE = 'learning-curve.svg'
/** Only built-in environments are in the gallery. */
const BUILT_IN = { file: null, specs: [] }

export interface Entry {
  env: string
  /** From the folder of the gallery. */
  policy: string
  /** Trains the policy again, on the same adapter and with the same version. */
  command: string
  adapter: string
  /** What it was trained for, and what its schedules were made for. */
  steps: number
  totalTimesteps: number
  /** Agents of the run, of which this is the best. */
  bestOf: number
  episodes: number
  seed: number
  meanReturn: number
  stdReturn: number
  /** Of the evaluation, which ran in version `version`: `2026-11-27`. */
  date: string
  version: string
}

export const galleryFolder = (root: string): string => join(root, 'examples/gallery')
/** `MinAtar_Breakout-v1`: an id as the name of a file. */
export const plainName = (id: string): string => id.replaceAll('/', '_')

/** In the order of the registry. */
export function readEntries(folder: string): Entry[] {
  const file = join(folder, 'gallery.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
}

/** Its policy, which fits its environment. @throws UsageError */
export function openEntry(folder: string, { policy }: Pick<Entry, 'policy'>): { found: PolicyOnDisk; spec: EnvSpec } {
  const found = openPolicies(join(folder, policy)).read(0)
  return { found, spec: playedEnv(found, BUILT_IN) }
}

/** What `eval` prints of a policy. */
export function scoreOf({ policy }: PolicyOnDisk, spec: EnvSpec, episodes = EPISODES) {
  const returns = evaluatePolicy(spec, makePolicy(policy), episodes, EVAL_SEED).map((episode) => episode.return)
  return { episodes, seed: EVAL_SEED, meanReturn: average(returns), stdReturn: deviation(returns) }
}

/** The recorded learning curve of an environment: of the run that trained the policy, else of `npm run learn`. */
export function recordedCurve(root: string, id: string): string | undefined {
  const files = ['train', 'learn'].map((kind) => join(root, `harness/results/${kind}-${plainName(id)}.svg`))
  return [...files, join(galleryFolder(root), plainName(id), CURVE)].find((file) => existsSync(file))
}

/**
 * Takes the best policy of a run into the gallery, in place of the one of the same environment.
 * @throws UsageError if its file does not say how it was trained.
 */
export function addRun(root: string, run: string, version: string, say: (line: string) => void): Entry {
  const folder = galleryFolder(root)
  const { numAgents: bestOf, ...found } = choosePolicy(openPolicies(run), 'best', BUILT_IN, say)
  const spec = playedEnv(found, BUILT_IN)
  const command = trainCommand(found.policy, spec, null)
  const { adapter, steps, config } = found.policy.origin ?? {}
  if (command === null || !adapter || !steps || !config) {
    throw new UsageError(`${found.file}: does not say how it was trained. Train it again with this version.`)
  }
  const name = plainName(spec.id)
  const entry: Entry = {
    ...{ env: spec.id, policy: `${name}/policy.safetensors`, command, adapter, steps },
    ...{ totalTimesteps: (config as { totalTimesteps: number }).totalTimesteps, bestOf, ...scoreOf(found, spec) },
    ...{ date: new Date().toISOString().slice(0, 10), version },
  }
  makeFolder(join(folder, name))
  writeWhole(join(folder, entry.policy), policyBytes(found, spec))
  const curve = join(run, CURVE)
  if (!recordedCurve(root, spec.id) && existsSync(curve)) copyFileSync(curve, join(folder, name, CURVE))
  const others = readEntries(folder).filter(({ env }) => env !== spec.id)
  const place = ({ env }: Entry) => ENVS.findIndex(({ id }) => id === env)
  const entries = [...others, entry].sort((a, b) => place(a) - place(b))
  writeWhole(join(folder, 'gallery.json'), `${JSON.stringify(entries, null, 2)}\n`)
  return entry
}
