/** Fields of the results of `compare`, `verify`, `check-env` and `soak`. */
import type { Comparison } from '../../../src/compare/columns'
import type { EnvReport } from '../../../src/envcheck/checkenv'
import type { Provenance } from '../../checkout/provenance'
import type { Fields } from '../../cli/fields'
import type { Growth, Sample } from '../../soak/leaks'
import type { Trial } from '../../soak/trial'
import type { Check } from '../../verify/check'

const ADAPTER = { type: 'text', help: 'The adapter.' } as const

export interface CompareResult {
  stages: Comparison[]
  gpuSps: number
  cpuSps: number
  speedRatio: number
  adapter: string
}

export const COMPARE_FIELDS: Fields<CompareResult> = {
  stages: {
    each: {
      stage: { type: 'text', help: 'What is compared.' },
      maxAbsError: { type: 'number', help: 'Largest absolute difference.' },
      maxRelError: { type: 'number', help: 'Largest difference over max(abs(reference), 1e-6).' },
      limit: { type: 'number', help: 'Largest error allowed: absolute, relative where abs(reference) > 1.' },
      ok: { type: 'true or false', help: 'Whether every number is within it.' },
      note: { type: 'text', when: 'there is one', help: 'What the numbers do not say.' },
    },
    help: 'The stages of an iteration.',
  },
  gpuSps: { type: 'number', help: 'Environment steps per second of the GPU.' },
  cpuSps: { type: 'number', help: 'The same of the CPU reference.' },
  speedRatio: { type: 'number', help: 'gpuSps / cpuSps.' },
  adapter: ADAPTER,
}

export interface VerifiedFile {
  file: string
  kind: 'update' | 'gae' | 'dump' | 'episodes' | 'transitions' | 'mujoco' | 'minatar'
  checks: Check[]
}
export interface VerifyResult {
  ok: boolean
  files: VerifiedFile[]
}

export const VERIFY_FIELDS: Fields<VerifyResult> = {
  ok: { type: 'true or false', help: 'Whether all checks of all files are.' },
  files: {
    each: {
      file: { type: 'text', help: 'Its path.' },
      kind: { type: 'text', help: '`update`, `gae`, `transitions`, `episodes`, `mujoco`, `minatar`, or `dump`.' },
      checks: {
        each: {
          name: { type: 'text', help: 'What is compared.' },
          side: { type: 'text', help: '`gpu` or `reference`.' },
          maxAbsError: {
            type: 'number or null',
            help: 'Largest absolute difference; null when a number is not finite.',
          },
          maxRelError: { type: 'number or null', help: 'The same over the largest golden number of the tensor.' },
          limit: { type: 'number', help: 'Largest error allowed.' },
          measure: { type: 'text', help: 'Which error it is for: `abs` or `rel`.' },
          ok: { type: 'true or false', help: 'Whether the error is within it.' },
          note: { type: 'text', when: 'there is one', help: 'What the numbers do not say.' },
          worst: { type: 'text', when: 'not ok', help: 'Where the largest error is, and the numbers there.' },
        },
        help: 'Its checks.',
      },
    },
    help: 'The files, in order.',
  },
}

export interface CheckEnvResult {
  ok: boolean
  envs: EnvReport[]
  adapter: string
}

export const CHECK_ENV_FIELDS: Fields<CheckEnvResult> = {
  ok: { type: 'true or false', help: 'Whether all environments are.' },
  envs: {
    each: {
      env: { type: 'text', help: 'Its id.' },
      ok: { type: 'true or false', help: 'Whether there is no problem.' },
      problems: {
        each: {
          check: { type: 'text', help: 'Which check failed.' },
          message: { type: 'text', help: 'Where, what is wrong, and what to do.' },
          count: { type: 'number', help: 'How often it was seen.' },
        },
        help: 'What is wrong.',
      },
      checked: { type: 'list of texts', help: 'What was checked.' },
      notChecked: { type: 'list of texts', help: 'What was not, and why.' },
      notes: { type: 'list of texts', help: 'What is not wrong, but unusual.' },
      seed: { type: 'number', help: 'Seed of first states, actions and draws.' },
      numEnvs: { type: 'number', help: 'Environments side by side.' },
      steps: { type: 'number', help: 'Steps of each.' },
      terminated: { type: 'number', help: 'Episodes that ended by themselves.' },
      truncated: { type: 'number', help: 'Episodes that the time limit cut.' },
      draws: {
        of: {
          reset: { type: 'number', help: 'The most random numbers that a reset drew.' },
          step: { type: 'number', help: 'The most that a step drew.' },
        },
        help: 'Random numbers; 256 are possible.',
      },
      ranges: {
        each: {
          name: { type: 'text', help: 'An entry of the observation, or the reward.' },
          min: { type: 'number', help: 'Its smallest value.' },
          max: { type: 'number', help: 'Its largest value.' },
        },
        help: 'Ranges that were seen.',
      },
      maxError: {
        of: {
          state: { type: 'number', help: 'Of the state.' },
          observation: { type: 'number', help: 'Of the observation.' },
          reward: { type: 'number', help: 'Of the reward.' },
        },
        help: 'Largest absolute difference between kernel and twin; null without a twin.',
      },
    },
    help: 'The environments, in order.',
  },
  adapter: ADAPTER,
}

export interface FaultSummary {
  fault: string
  tried: number
  recovered: number
  /** Of those that recovered; null without any. */
  secondsMedian: number | null
  secondsMax: number | null
}
export interface SoakResult {
  seed: number
  adapter: string
  faults: FaultSummary[]
  trials: Trial[]
  source: Provenance
}

const SOURCE = { type: 'object', help: 'Version, commit, date and machine.' } as const

export const SOAK_FIELDS: Fields<SoakResult> = {
  seed: { type: 'number', help: 'Seed of the random times.' },
  adapter: ADAPTER,
  faults: {
    each: {
      fault: { type: 'text', help: 'The kind of fault.' },
      tried: { type: 'number', help: 'Runs that met it.' },
      recovered: { type: 'number', help: 'Those that ended with the same weights and rows.' },
      secondsMedian: { type: 'number or null', help: 'Seconds until rows came again; median.' },
      secondsMax: { type: 'number or null', help: 'The longest.' },
    },
    help: 'A summary of each kind of fault.',
  },
  trials: {
    each: {
      fault: { type: 'text', help: 'The kind of fault.' },
      at: { type: 'number', help: 'Seconds after the start of Chrome.' },
      rows: { type: 'number', help: 'Rows that there were.' },
      seconds: { type: 'number', help: 'Seconds until rows came again.' },
      recovered: { type: 'true or false', help: 'Whether weights and rows are the same.' },
      why: { type: 'text', when: 'not recovered', help: 'What was different.' },
    },
    help: 'Each run.',
  },
  source: SOURCE,
}

type Phase = 'iterations' | 'cycles'
export interface LeaksResult {
  adapter: string
  flat: boolean
  phases: ({ phase: Phase } & Growth)[]
  samples: Record<Phase, Sample[]>
  source: Provenance
}

export const LEAKS_FIELDS: Fields<LeaksResult> = {
  adapter: ADAPTER,
  flat: { type: 'true or false', help: 'Whether nothing grows.' },
  phases: {
    each: {
      phase: { type: 'text', help: '`iterations` of one run, or `cycles` of runs made and disposed of.' },
      buffers: { type: 'number', help: 'By how many buffers it grew.' },
      bytes: { type: 'number', help: 'By how many bytes in them.' },
      heapEach: { type: 'number', help: 'Bytes of heap for each iteration or cycle.' },
    },
    help: 'What grew.',
  },
  samples: { type: 'object', help: 'What was counted, and when.' },
  source: SOURCE,
}
