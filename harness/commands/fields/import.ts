/** Fields of the result of `import`. */
import type { Fields } from '../../cli/fields'

export interface ImportResult {
  env: string
  file: string
  out: string
  source: string
  actorHidden: number[]
  criticHidden: number[]
  activation: string
  sharedTrunk: boolean
  numParams: number
  normalised: string[]
  steps: number | null
  seed: number | null
}

export const IMPORT_FIELDS: Fields<ImportResult> = {
  env: { type: 'text', help: 'Id of the environment.' },
  file: { type: 'text', help: 'The file that was read.' },
  out: { type: 'text', help: 'The policy file that was written.' },
  source: { type: 'text', help: 'The program that it is of, with its version where the file says it.' },
  actorHidden: { type: 'list of numbers', help: "Widths of the actor's hidden layers." },
  criticHidden: { type: 'list of numbers', help: "Widths of the critic's." },
  activation: { type: 'text', help: '`tanh`, `relu`, `silu` or `elu`.' },
  sharedTrunk: { type: 'true or false', help: 'Whether actor and critic share their hidden layers.' },
  numParams: { type: 'number', help: 'Parameters of both.' },
  normalised: { type: 'list of texts', help: 'What it normalises: `observations`, `rewards`, both or neither.' },
  steps: { type: 'number or null', help: 'Environment steps of its training, as the file says.' },
  seed: { type: 'number or null', help: 'Seed of its training.' },
}
